import { one, say, take } from "./dom";
import { toast } from "./toast";

type Seen = { rawValue: string };
type Detector = { detect: (source: HTMLVideoElement) => Promise<Seen[]> };
type DetectorMaker = new (options: { formats: string[] }) => Detector;

const PAUSE = 200;
// What our own codes begin with: anything else that happens to be in sight is passed over.
const OURS = ["XJ1.", "XJ2."];

/**
 * `form[data-scan]` with a hidden `code` field, a button `[data-scan-ask]` and a `video`: where the browser can read
 * codes by itself, the camera replaces typing. Everywhere else the form stays hidden.
 */
export function scans(root: ParentNode): void {
  const Maker = (window as unknown as { BarcodeDetector?: DetectorMaker }).BarcodeDetector;
  for (const form of take<HTMLFormElement>(root, "form[data-scan]", "scan")) {
    const ask = one<HTMLButtonElement>(form, "[data-scan-ask]");
    if (!ask || !Maker || !navigator.mediaDevices) continue;
    form.hidden = false;
    ask.addEventListener("click", () => {
      ask.hidden = true;
      void look(form, new Maker({ formats: ["qr_code"] })).catch(() => {
        ask.hidden = false;
        toast(say(form, "failed"));
      });
    });
  }
}

async function look(form: HTMLFormElement, detector: Detector): Promise<void> {
  const video = one<HTMLVideoElement>(form, "video");
  const field = one<HTMLInputElement>(form, 'input[name="code"]');
  if (!video || !field) return;
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  const stop = () => stream.getTracks().forEach((track) => track.stop());
  window.addEventListener("pagehide", stop, { once: true });
  video.srcObject = stream;
  video.hidden = false;
  await video.play();
  while (video.isConnected && stream.active) {
    const found = (await detector.detect(video)).find((one) => OURS.some((mark) => one.rawValue.startsWith(mark)));
    if (found) {
      stop();
      navigator.vibrate?.(30);
      field.value = found.rawValue;
      form.requestSubmit();
      return;
    }
    await new Promise((resume) => setTimeout(resume, PAUSE));
  }
}
