// What an answer's explanation looks like: Explanation.to_json() of py/tinyvlm/answers/explanation.py.

/**
 * @typedef {object} Explanation
 * @property {string} text  the answer
 * @property {"own"|"unsure"|"named"|"unserved"|"read"} kind  whose words they are: the model's own; or, in their place,
 *   that it is not sure, what the image's classes are called, what it was not made for, what a reader found
 * @property {boolean} draft  answered before the weights were exact
 * @property {ExplainedWord[]} words  joined, the answer; none where they are not the model's own
 *
 * @typedef {object} ExplainedWord
 * @property {string} text  with the space before it; a mark at a word's end is one by itself
 * @property {number} probability  0 to 1, before temperature, penalties and constraints
 * @property {{text: string, probability: number}[]} alternatives  what the word could have begun with, the likeliest
 *   first, itself among them; "" is the answer's end
 * @property {number[][]|null} heat  where the model looked: rows of cells of one size over the upright image, from its
 *   top left, with the sum 1; null where that is not known
 * @property {number} elsewhere  0 to 1: the share of attention that went to no place, and that `heat` leaves out
 */

export {};
