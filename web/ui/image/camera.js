// A photo to ask about: on a phone by its own camera program, elsewhere by a viewfinder in the page.

import { byId } from "../common/dom.js";

/** @param {{onPhoto: (photo: File) => void, onViewfinder: () => void}} handlers  onViewfinder: it is wanted */
export function offerCamera({ onPhoto, onViewfinder }) {
  const button = byId("take-photo");
  const input = byId("photo-input", HTMLInputElement);
  button.addEventListener("click", () => (isPhone() ? input.click() : onViewfinder()));
  input.addEventListener("change", () => {
    const [photo] = input.files ?? [];
    input.value = ""; // so that the next one may have the same name
    if (photo) onPhoto(photo);
  });
  navigator.mediaDevices?.addEventListener?.("devicechange", () => offer(button));
  void offer(button);
}

/** Only where there is a camera. @param {HTMLElement} button */
async function offer(button) {
  const devices = (await navigator.mediaDevices?.enumerateDevices?.().catch(() => [])) ?? [];
  button.hidden = !isPhone() && !devices.some(({ kind }) => kind === "videoinput");
}

/** Whether a picker for photos opens the camera. */
function isPhone() {
  return matchMedia("(pointer: coarse) and (hover: none)").matches;
}
