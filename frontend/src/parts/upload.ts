import { csrf, one, say, take } from "./dom";
import { toast } from "./toast";

const HOLD_MS = 250;
const STILL_PX = 8;

type Tile = { element: HTMLLIElement; file: File | null; request: XMLHttpRequest | null };

/**
 * `[data-upload]`: pictures go up one by one with their own progress, can be moved by drag (after a short hold on a
 * touch screen, so that the page still scrolls), by the arrow keys or by their two buttons,
 * and leave `<input type=hidden name=… value=med_…>` in the order shown. Without script the plain file
 * input inside is posted with the form.
 * data-name (hidden input's name), data-to (address), data-most (how many), data-limit (bytes of a picture), data-films
 * (bytes of a film; without it films are not taken),
 * data-say-{remove,retry,cover,move,earlier,later,big,many,failed} (words).
 */
export function uploads(root: ParentNode): void {
  for (const box of take(root, "[data-upload]", "upload")) new Upload(box);
}

class Upload {
  private readonly list: HTMLUListElement;
  private readonly add: HTMLElement;
  private readonly input: HTMLInputElement;
  private readonly most: number;
  private dragged: HTMLLIElement | null = null;

  constructor(private readonly box: HTMLElement) {
    this.list = one<HTMLUListElement>(box, "[data-upload-list]")!;
    this.add = one<HTMLElement>(box, "[data-upload-add]")!;
    this.input = one<HTMLInputElement>(box, "input[type=file]")!;
    this.most = Number(box.dataset.most ?? 9);
    this.input.removeAttribute("name");
    this.input.required = false;
    this.input.addEventListener("change", () => {
      this.takeFiles([...(this.input.files ?? [])]);
      this.input.value = "";
    });
    box.addEventListener("dragover", (event) => event.preventDefault());
    box.addEventListener("drop", (event) => {
      event.preventDefault();
      this.takeFiles([...(event.dataTransfer?.files ?? [])]);
    });
    for (const kept of this.tiles()) this.arm({ element: kept, file: null, request: null });
    this.count();
  }

  private tiles(): HTMLLIElement[] {
    return [...this.list.querySelectorAll<HTMLLIElement>("[data-upload-tile]")];
  }

  private count(): void {
    this.add.hidden = this.tiles().length >= this.most;
    const waiting = this.tiles().some((tile) => tile.dataset.state === "going");
    for (const button of this.box.closest("form")?.querySelectorAll<HTMLButtonElement>("button:not([type=button])") ?? []) {
      button.disabled = waiting;
    }
  }

  private takeFiles(files: File[]): void {
    const room = this.most - this.tiles().length;
    if (files.length > room) toast(say(this.box, "many"));
    for (const file of files.filter((each) => each.type.startsWith("image/") || this.isFilm(each)).slice(0, room)) {
      const limit = Number((this.isFilm(file) ? this.box.dataset.films : this.box.dataset.limit) ?? 0);
      if (limit && file.size > limit) {
        toast(say(this.box, "big"));
        continue;
      }
      const tile: Tile = { element: this.draw(file), file, request: null };
      this.list.insertBefore(tile.element, this.add);
      this.arm(tile);
      this.send(tile);
    }
    this.count();
  }

  private isFilm(file: File): boolean {
    return "films" in this.box.dataset && ["video/mp4", "video/quicktime"].includes(file.type);
  }

  /** What the file looks like; of a film the telephone may not show a picture before its poster is made. */
  private preview(file: File): HTMLElement {
    const address = URL.createObjectURL(file);
    if (this.isFilm(file)) {
      const film = document.createElement("video");
      Object.assign(film, { src: address, muted: true, playsInline: true, preload: "metadata", ariaLabel: file.name });
      return film;
    }
    const image = document.createElement("img");
    Object.assign(image, { src: address, alt: file.name, onload: () => URL.revokeObjectURL(address) });
    return image;
  }

  private draw(file: File): HTMLLIElement {
    const element = document.createElement("li");
    element.className = "upload-tile";
    element.setAttribute("data-upload-tile", "");
    const cover = document.createElement("span");
    cover.className = "upload-cover";
    cover.textContent = say(this.box, "cover");
    const remove = document.createElement("button");
    remove.type = "button";
    remove.className = "upload-remove";
    remove.setAttribute("data-upload-remove", "");
    remove.setAttribute("aria-label", `${say(this.box, "remove")} ${file.name}`);
    const cross = document.createElement("span");
    cross.textContent = "×";
    remove.append(cross);
    element.append(this.preview(file), cover, remove);
    return element;
  }

  private arm(tile: Tile): void {
    const { element } = tile;
    element.tabIndex = 0;
    element.title = say(this.box, "move");
    element.append(this.mover(element, "earlier", "‹", -1), this.mover(element, "later", "›", 1));
    this.holds(element);
    one(element, "[data-upload-remove]")?.addEventListener("click", () => {
      tile.request?.abort();
      element.remove();
      this.count();
      this.input.focus();
    });
    element.addEventListener("dragstart", (event) => {
      this.dragged = element;
      element.classList.add("dragging");
      event.dataTransfer?.setData("text/plain", "");
    });
    element.addEventListener("dragend", () => {
      this.dragged = null;
      element.classList.remove("dragging");
    });
    element.addEventListener("dragenter", () => this.moveDragged(element));
    element.addEventListener("keydown", (event) => {
      if (event.target !== element) return;
      if (event.key === "ArrowLeft") this.step(element, -1);
      else if (event.key === "ArrowRight") this.step(element, 1);
      else if (event.key === "Delete") one<HTMLElement>(element, "[data-upload-remove]")?.click();
      else return;
      event.preventDefault();
      element.focus();
    });
  }

  private mover(element: HTMLLIElement, word: "earlier" | "later", mark: string, by: -1 | 1): HTMLButtonElement {
    const button = document.createElement("button");
    button.type = "button";
    button.className = `upload-move upload-${word}`;
    button.setAttribute("aria-label", say(this.box, word));
    const face = document.createElement("span");
    face.textContent = mark;
    button.append(face);
    button.addEventListener("click", () => {
      this.step(element, by);
      button.focus();
    });
    return button;
  }

  private step(element: HTMLLIElement, by: -1 | 1): void {
    const order = this.tiles();
    const other = order[order.indexOf(element) + by];
    if (by < 0) other?.before(element);
    else other?.after(element);
  }

  /** A mouse drags at once by the browser's own means; a finger or pen after a short hold without moving. */
  private holds(element: HTMLLIElement): void {
    element.addEventListener("pointerdown", (event) => {
      element.draggable = event.pointerType === "mouse";
      if (element.draggable || (event.target as Element).closest("button")) return;
      // The document listens: a tile that changes its place loses the pointer.
      const over = new AbortController();
      const hold = window.setTimeout(() => {
        this.dragged = element;
        element.classList.add("dragging");
      }, HOLD_MS);
      const move = (now: PointerEvent) => {
        if (this.dragged === element) this.moveTo(now);
        else if (Math.hypot(now.clientX - event.clientX, now.clientY - event.clientY) > STILL_PX) end();
      };
      const end = () => {
        clearTimeout(hold);
        over.abort();
        element.classList.remove("dragging");
        this.dragged = null;
      };
      document.addEventListener("pointermove", move, { signal: over.signal });
      document.addEventListener("pointerup", end, { signal: over.signal });
      document.addEventListener("pointercancel", end, { signal: over.signal });
    });
    const stay = (event: Event) => {
      if (this.dragged === element) event.preventDefault();
    };
    element.addEventListener("touchmove", stay, { passive: false });
    element.addEventListener("contextmenu", stay);
  }

  private moveTo(point: PointerEvent): void {
    const over = document.elementFromPoint(point.clientX, point.clientY)?.closest<HTMLLIElement>("[data-upload-tile]");
    if (over && over.parentElement === this.list) this.moveDragged(over);
  }

  private moveDragged(over: HTMLLIElement): void {
    const moved = this.dragged;
    if (!moved || moved === over) return;
    const order = this.tiles();
    if (order.indexOf(moved) < order.indexOf(over)) over.after(moved);
    else over.before(moved);
  }

  private send(tile: Tile): void {
    const { element, file } = tile;
    if (!file) return;
    element.dataset.state = "going";
    const progress = document.createElement("progress");
    progress.className = "progress";
    progress.max = file.size;
    progress.setAttribute("aria-label", file.name);
    element.append(progress);
    const request = (tile.request = new XMLHttpRequest());
    request.upload.onprogress = (event) => {
      progress.value = event.loaded;
    };
    request.onload = () => {
      const id = request.status < 300 ? this.idOf(request.responseText) : null;
      progress.remove();
      if (id) this.keep(element, id);
      else this.offerRetry(tile);
    };
    request.onerror = () => {
      progress.remove();
      this.offerRetry(tile);
    };
    const body = new FormData();
    body.append("file", file);
    request.open("POST", this.box.dataset.to ?? "/api/v1/media");
    const { header, token } = csrf();
    if (token) request.setRequestHeader(header, token);
    request.setRequestHeader("Idempotency-Key", crypto.randomUUID());
    request.setRequestHeader("Accept", "application/json");
    request.send(body);
  }

  private idOf(text: string): string | null {
    try {
      return (JSON.parse(text) as { id?: string }).id ?? null;
    } catch {
      return null;
    }
  }

  private keep(element: HTMLLIElement, id: string): void {
    const hidden = document.createElement("input");
    hidden.type = "hidden";
    hidden.name = this.box.dataset.name ?? "media";
    hidden.value = id;
    element.append(hidden);
    const film = one<HTMLVideoElement>(element, "video");
    if (film) {
      URL.revokeObjectURL(film.src);
      const poster = document.createElement("img");
      Object.assign(poster, { src: `/media/${id}/320.webp`, alt: film.ariaLabel ?? "" });
      film.replaceWith(poster);
      element.dataset.film = "";
    }
    element.dataset.state = "done";
    this.count();
  }

  private offerRetry(tile: Tile): void {
    tile.element.dataset.state = "failed";
    const again = document.createElement("button");
    again.type = "button";
    again.className = "upload-retry";
    again.textContent = say(this.box, "retry");
    again.addEventListener("click", () => {
      again.remove();
      this.send(tile);
      this.count();
    });
    one<HTMLElement>(tile.element, "[data-upload-remove]")?.before(again);
    toast(say(this.box, "failed"));
    this.count();
  }
}
