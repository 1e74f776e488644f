"""What people call the things that the image tower's classes are, where lists of names say it otherwise.

Written by hand. A kind is one or several of WordNet 3.0's noun synsets, by their offsets as in ImageNet's ids, and what
it is called; classes that lie below one of them are of that kind.
"""

from __future__ import annotations

import re

GENERAL = {
    "an animal": "00015388",
    "a plant": "00017222 13134947",
    "food": "00021265 07555863 07707451 07705931",
    "a person": "00007846",
    "clothing": "03051540 03380867 04015204 02728440",
    "a vehicle": "04524313 03684823 02959942 04019101",
    "a building": "02913152 03953020 03259505",
    "a structure": "04341686",
    "a landscape": "09287968",
    "a musical instrument": "03800933",
    "furniture": "03405725",
    "a tool": "04451818",
    "a weapon": "04565375",
    "a kitchen utensil": "03621049",
    "a household appliance": "03528263",
    "an electronic device": "03278248 03082979 03277771",
    "sports equipment": "04285146",
    "a measuring instrument": "03733925",
}
"""Said as "some kind of animal": true, and little."""

COMMON = {
    "a bird": "01503061", "a fish": "02512053", "a snake": "01726692", "a lizard": "01674464",
    "a turtle": "01662784", "a crocodile": "01696633", "a frog": "01639765", "a salamander": "01629276",
    "a beetle": "02164464", "a butterfly": "02274259", "a spider": "01772222", "a crab": "01976957",
    "a lobster": "01982650", "a worm": "01922303", "a dog": "02084071", "a cat": "02121808", "a wolf": "02114100",
    "a fox": "02118333", "a bear": "02131653", "a rabbit": "02324045", "a monkey": "02484322", "an ape": "02470325",
    "an elephant": "02503517", "an antelope": "02419796", "a sheep": "02412080 02415577", "a pig": "02395003",
    "a whale": "02062744", "an insect": "02159955", "a flower": "11669921", "a mushroom": "12992868 07734744",
    "a vegetable": "07707451", "fruit": "07705931", "bread": "07679356", "a drink": "07881800",
    "a dessert": "07609840", "a car": "02958343", "a truck": "04490091", "a bus": "02924116",
    "a bicycle": "02834778", "a motorcycle": "03785016 03791053", "a boat": "04530566", "an aircraft": "02686568",
    "a train": "03684823 02959942 02917067", "a sled": "04235291", "a guitar": "03467517", "a piano": "03928116",
    "a chair": "03001627", "a table": "04379243", "a cabinet": "02933112", "a bed": "02818832 02766320",
    "a hat": "03497657", "a shoe": "04199027", "a swimsuit": "04371563", "a skirt": "04230808",
    "a coat": "03057021", "a sweater": "04370048", "a tie": "03815615", "a helmet": "03513137",
    "a bottle": "02876657", "a bag": "02773037", "a box": "02883344", "a basket": "02801938", "a glass": "03438257",
    "a jug": "03603722", "a gun": "03467984", "a knife": "03623556", "a pot": "03990474", "a pan": "03880531",
    "a bowl": "02880940", "a computer": "03082979", "a phone": "04401088", "a camera": "02942699",
    "a clock": "03046257", "a lamp": "03636248", "a keyboard": "03614007", "a shop": "04202417",
    "a bridge": "02898711", "a house": "03544360 03259505", "a ball": "02778669", "a pen": "03906997",
    "a fence": "03327234", "a roof": "04105068", "armor": "02739668", "a curtain": "03151077",
    "a towel": "04459362", "a mask": "03725035", "a wheel": "04574999", "a mountain": "09359803",
}  # fmt: skip
"""What somebody says first who is asked what there is."""

PRECISE = {
    "a terrier": "02092468", "a hound": "02087551", "a spaniel": "02101108", "a retriever": "02099029",
    "a poodle": "02113335", "a sheepdog": "02104523", "a schnauzer": "02096756", "a setter": "02100399",
    "a corgi": "02112826", "a shark": "01482330", "a ray": "01495701", "a parrot": "01816887", "a duck": "01846331",
    "a bird of prey": "01604330", "a heron": "02008041", "a stork": "02002075", "a grouse": "01795088",
    "a finch": "01529672", "a viper": "01752165", "a rattlesnake": "01754876", "a sea turtle": "01663401",
    "a big cat": "02127808", "a squash": "07715561", "a ship": "04194289", "a sailing boat": "04128499",
    "a van": "04520170", "citrus fruit": "07747055", "a sandwich": "07695965", "a place of worship": "03953416",
}  # fmt: skip
"""Said behind the common word: "a dog, probably a terrier"; by itself where there is none."""

NAMES = {
    "African bush elephant": "African elephant", "American bullfrog": "bullfrog", "American dipper": "dipper",
    "American lobster": "lobster", "American robin": "robin", "Angora rabbit": "Angora rabbit",
    "CRT monitor": "screen", "Christmas stocking": "Christmas stocking", "Crock Pot": "slow cooker",
    "Alpine ibex": "Alpine ibex", "Bullmastiff": "bullmastiff", "Carolina anole": "Carolina anole",
    "Entlebucher Sennenhund": "Entlebucher Sennenhund", "German Shorthaired Pointer": "German shorthaired pointer",
    "Groenendael dog": "Groenendael", "King Charles Spaniel": "King Charles spaniel",
    "brussels griffon": "Brussels griffon", "Treeing Walker Coonhound": "treeing Walker coonhound",
    "Dugong": "dugong", "Geoffroy's spider monkey": "spider monkey", "Granny Smith apple": "apple",
    "Maltese dog": "Maltese dog", "Pickelhaube": "spiked helmet", "a cat having a striped coat": "tiger cat",
    "airliner": "airplane", "airplane wing": "wing", "arabian camel": "camel",
    "automated teller machine": "cash machine", "balaclava ski mask": "balaclava", "baby bib": "bib",
    "baby pacifier": "pacifier", "bell": "bell", "bittern bird": "bittern", "block plane": "carpenter's plane",
    "brass memorial plaque": "plaque", "clogs": "clog", "clothes iron": "iron", "combine harvester": "harvester",
    "common gallinule": "moorhen", "common redshank": "redshank", "common sorrel horse": "horse",
    "common squirrel monkey": "squirrel monkey", "cornet trumpet": "trumpet",
    "crane bird": "crane", "crate box": "crate", "cricket insect": "cricket", "desktop computer": "computer",
    "dining table": "dining table", "drake": "duck", "drink pitcher": "pitcher", "earth star fungus": "earthstar",
    "eastern diamondback rattlesnake": "rattlesnake", "electric fan": "fan", "electrical switch": "switch",
    "entertainment center": "TV cabinet", "farm plow": "plow", "fishing casting reel": "fishing reel",
    "ford model t": "vintage car", "front curtain": "stage curtain",
    "fruiting spike of a cereal plant": "ear of corn", "gar fish": "gar", "great grey owl": "owl",
    "great white shark": "white shark", "grocery store": "grocery", "gymnastic horizontal bar": "horizontal bar",
    "hair wig": "wig", "horse chestnut seed": "horse chestnut", "hunting bow": "bow", "infant bed": "cot",
    "king penguin": "penguin", "keyboard space bar": "space bar", "loupe magnifying glass": "magnifying glass",
    "magnetic compass": "compass", "marimba xylophone": "marimba", "metal nail": "nail",
    "military aircraft": "warplane", "military hat": "bearskin hat", "mobile phone": "phone",
    "music speaker": "speaker", "pan flute": "pan flute", "ping-pong ball": "table tennis ball",
    "plant pot": "flower pot", "product packet": "packet", "purse": "purse", "radiator grille": "grille",
    "recreational vehicle": "camper", "red admiral butterfly": "red admiral butterfly", "reflex camera": "camera",
    "rickshaw vehicle": "rickshaw", "rock beauty fish": "rock beauty", "rotary dial telephone": "dial telephone",
    "ruler measuring stick": "ruler", "semi-trailer truck": "truck", "shoji screen": "sliding screen",
    "slip-on shoe": "loafer", "snoek fish": "barracouta", "soccer ball": "football",
    "solar thermal collector": "solar panel", "stole scarf": "scarf", "storage chest": "chest",
    "swim trunks": "swimming trunks", "taxicab": "taxi", "tea cup": "cup of tea", "three-toed sloth": "sloth",
    "tights for gymnastics, a one-piece leotard, or a sport jersey": "leotard", "traffic": "traffic sign",
    "trash can": "trash can", "typewriter keyboard": "typewriter", "vaulted": "vaulted ceiling",
    "velvet fabric": "velvet", "volleyball ball": "volleyball", "weighing scale": "scale",
    "white-headed capuchin": "capuchin monkey", "yawl": "sailboat",
    "yellow lady's slipper": "lady's slipper orchid", "coral fungus": "coral fungus", "dust jacket": "book cover",
    "movie theater": "movie theater",
}  # fmt: skip
"""Names of classes, without what stands in brackets or after "or" or a slash, that nobody says so; and what is said."""

UNCOUNTED = {
    "binoculars", "broccoli", "carbonara", "chain mail", "chocolate syrup", "consomme", "corn", "dough", "eggnog",
    "face powder", "guacamole", "hair spray", "hay", "honeycomb", "ice cream", "jeans", "lipstick", "lotion",
    "mashed potatoes", "pajamas", "parallel bars", "perfume", "rapeseed", "red wine", "sunglasses", "sunscreen",
    "swimming trunks", "tights", "toilet paper", "velvet", "wool",
}  # fmt: skip
"""Said without "a"."""

WITH_AN = re.compile(r"(?i)[aeiou](?!ni[cfv]|uro|ne-)|hour")
"""How words begin that follow "an"."""

NOT = {
    "menu": "food", "plate": "food", "hay": "food", "meatloaf": "bread", "coyote": "a wolf",
    "stone wall": "a fence", "slide rule": "a computer", "website": "a computer", "golf cart": "sports equipment",
    "brass memorial plaque": "a structure", "spiral": "a structure", "radiator grille": "a structure",
    "mashed potatoes": "a vegetable", "punching bag": "a ball", "cliff dwelling": "a house",
    "sawmill": "",
}  # fmt: skip
"""Classes that WordNet puts below a kind that they are not in everyday words."""
