// What JSDoc cannot say of the modules: their events, and the element's name. It goes into the npm package as it is.

import type { AnswerDetail, ErrorDetail, ReadyDetail, TinyVLMElement, TokenDetail } from "./element.js";
import type { Milestone, Progress } from "./engine/shared/protocol.js";

declare global {
  interface HTMLElementTagNameMap {
    "tiny-vlm": TinyVLMElement;
  }

  interface HTMLElementEventMap {
    "tiny-vlm-ready": CustomEvent<ReadyDetail>;
    "tiny-vlm-progress": CustomEvent<Progress>;
    "tiny-vlm-token": CustomEvent<TokenDetail>;
    "tiny-vlm-answer": CustomEvent<AnswerDetail>;
    "tiny-vlm-error": CustomEvent<ErrorDetail>;
  }
}

declare module "./tinyvlm.js" {
  interface TinyVLMEventMap {
    progress: CustomEvent<Progress>;
    milestone: CustomEvent<Milestone>;
    notice: CustomEvent<{ code: string; message: string }>;
    restart: Event;
    failed: Event;
  }

  interface TinyVLM {
    addEventListener<Name extends keyof TinyVLMEventMap>(
      type: Name,
      listener: (event: TinyVLMEventMap[Name]) => void,
      options?: boolean | AddEventListenerOptions,
    ): void;
    addEventListener(
      type: string,
      listener: EventListenerOrEventListenerObject | null,
      options?: boolean | AddEventListenerOptions,
    ): void;
  }
}
