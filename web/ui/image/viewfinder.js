// A viewfinder in the page, for where no camera program takes the photo.

import { byId } from "../common/dom.js";
import { say } from "../common/say.js";
import { t } from "../../i18n/strings.js";

const SIDE = 1920;
const QUALITY = 0.92;

export class Viewfinder {
  #dialog = byId("camera-dialog", HTMLDialogElement);
  #video = byId("camera-video", HTMLVideoElement);
  #shoot = byId("camera-shoot", HTMLButtonElement);
  #message = byId("camera-message");
  #onPhoto;
  /** The one that runs; the latest counts. @type {Promise<MediaStream>|null} */
  #stream = null;

  /** @param {(photo: File) => void} onPhoto */
  constructor(onPhoto) {
    this.#onPhoto = onPhoto;
    this.#shoot.addEventListener("click", () => this.#takePhoto());
    byId("camera-cancel").addEventListener("click", () => this.#dialog.close());
    this.#dialog.addEventListener("close", () => this.#stop());
  }

  async open() {
    this.#shoot.disabled = true;
    say(this.#message, "camera.starting");
    this.#dialog.showModal();
    const size = { width: { ideal: SIDE }, height: { ideal: SIDE } };
    const stream = navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", ...size } });
    this.#stream = stream;
    try {
      const running = await stream;
      if (this.#stream !== stream) return end(running); // it was closed meanwhile
      this.#video.srcObject = running;
      await this.#video.play();
      say(this.#message, null);
      this.#shoot.disabled = false;
      this.#shoot.focus();
    } catch (error) {
      if (this.#stream !== stream) return;
      const isRefused = error instanceof DOMException && error.name === "NotAllowedError";
      say(this.#message, isRefused ? "camera.refused" : "camera.failed");
    }
  }

  async #takePhoto() {
    const { videoWidth: width, videoHeight: height } = this.#video;
    const canvas = Object.assign(document.createElement("canvas"), { width, height });
    canvas.getContext("2d")?.drawImage(this.#video, 0, 0);
    /** @type {Blob|null} */
    const photo = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
    if (!photo) return say(this.#message, "camera.failed");
    this.#dialog.close();
    this.#onPhoto(new File([photo], `${t("camera.photo-name")}.jpg`, { type: photo.type }));
  }

  #stop() {
    void this.#stream?.then(end, () => {});
    this.#stream = null;
    this.#video.srcObject = null;
  }
}

/** The camera's light goes out. @param {MediaStream} stream */
function end(stream) {
  for (const track of stream.getTracks()) track.stop();
}
