// Several films of the same motion, in step. A film shows [driving frame | condition | result] side by side; its parts
// are drawn from the signed file itself, which stays as it is.
// Keys: space plays and pauses, arrows step by a frame (with shift by a second), Home and End; on the split, arrows move it.
"use strict";
const PARTS = { driving: 0, condition: 1, result: 2 };

class Player {
  constructor(box) {
    this.box = box;
    this.fps = Number(box.dataset.fps);
    this.frames = Number(box.dataset.frames);
    this.films = [...box.querySelectorAll("video")];
    this.names = this.films.map((film) => film.dataset.name);
    this.single = this.films.length === 1 && !box.dataset.truth; // nothing to compare with
    this.plain = box.querySelector(".plain");
    this.build();
    this.films.forEach((film) => {
      film.controls = false;
      film.loop = false;
      film.muted = true;
      film.addEventListener("loadeddata", () => this.draw());
      film.addEventListener("seeked", () => this.draw());
    });
    this.plain.classList.add("unseen");
    this.plain.setAttribute("aria-hidden", "true");
    this.lead.addEventListener("ended", () => { if (this.playing) { this.seek(0).then(() => this.play()); } });
    this.draw();
  }

  get lead() { return this.films[Number(this.a.value)]; }
  get used() { return [...new Set([this.lead, this.films[Number(this.b.value)]])]; }

  build() {
    const make = (tag, set = {}, ...inside) => { const node = Object.assign(document.createElement(tag), set); node.append(...inside); return node; };
    const pane = (label) => {
      const canvas = make("canvas", { width: 256, height: 256 });
      canvas.setAttribute("role", "img");
      canvas.setAttribute("aria-label", label);
      const caption = make("figcaption", { textContent: label });
      return [make("figure", { className: "pane" }, canvas, caption), canvas, caption];
    };
    const choice = (label, chosen) => {
      const select = make("select");
      this.names.forEach((name, i) => select.add(new Option(name, i, false, i === chosen)));
      select.addEventListener("change", () => this.changed());
      return [make("label", {}, label + " ", select), select];
    };
    const panes = make("div", { className: "panes" });
    let figure;
    [figure, this.driving] = pane(this.box.dataset.driving || "driving frame");
    panes.append(figure);
    [figure, this.condition] = pane("condition: NMFC and gaze");
    panes.append(figure);
    [figure, this.ab, this.abCaption] = pane("A against B");
    const split = make("div", { className: "split" });
    this.split = make("input", { type: "range", min: 0, max: 100, step: 1, value: 50 });
    this.split.setAttribute("aria-label", "where A ends and B begins, in percent");
    this.line = make("div", { className: "line" });
    this.sideA = make("span", { className: "side a" });
    this.sideB = make("span", { className: "side b" });
    this.ab.replaceWith(split);
    split.append(this.ab, this.line, this.sideA, this.sideB, this.split);
    this.split.addEventListener("input", () => this.draw());
    panes.append(figure);
    [figure, this.off, this.offCaption] = pane("difference");
    if (this.single) split.replaceWith(this.ab); else panes.append(figure);

    const second = this.films.length > 1 ? 1 : 0;
    const [labelA, a] = choice("A", 0);
    const [labelB, b] = choice("B", second);
    this.a = a;
    this.b = b;
    if (this.box.dataset.truth) b.add(new Option(this.box.dataset.truth, "truth", false, this.films.length === 1));
    this.button = make("button", { type: "button", textContent: "▶ play" });
    this.button.addEventListener("click", () => this.toggle());
    this.bar = make("input", { type: "range", min: 0, max: this.frames - 1, step: 1, value: 0 });
    this.bar.setAttribute("aria-label", "frame");
    this.bar.addEventListener("input", () => { this.pause(); this.seek(Number(this.bar.value)); });
    this.rate = make("select");
    this.rate.setAttribute("aria-label", "speed");
    [0.1, 0.25, 0.5, 1].forEach((x) => this.rate.add(new Option(x + "×", x, x === 1, x === 1)));
    this.rate.addEventListener("change", () => this.films.forEach((film) => { film.playbackRate = Number(this.rate.value); }));
    this.told = make("output");
    this.told.setAttribute("aria-live", "off");
    this.box.prepend(panes, make("div", { className: "controls" }, this.button, this.bar, this.told, this.rate));
    if (!this.single) this.box.querySelector(".controls").append(labelA, labelB);
    this.box.tabIndex = 0;
    this.box.addEventListener("keydown", (event) => this.key(event));
  }

  changed() {
    const wanted = this.frame;
    this.pause();
    this.seek(wanted);
  }

  get frame() { return Math.min(this.frames - 1, Math.max(0, Math.floor(this.lead.currentTime * this.fps + 1e-3))); }

  seek(frame) {
    const at = (Math.min(this.frames - 1, Math.max(0, frame)) + 0.5) / this.fps; // the middle of a frame, safe from rounding
    const one = (film) => new Promise((done) => {
      film.addEventListener("seeked", done, { once: true });
      film.currentTime = at;
    });
    return Promise.all(this.used.map((film) => this.loaded(film).then(one))).then(() => this.draw());
  }

  loaded(film) {
    if (film.readyState) return Promise.resolve(film);
    film.preload = "auto";
    film.load();
    return new Promise((done) => film.addEventListener("loadedmetadata", () => done(film), { once: true }));
  }

  get playing() { return this.button.textContent.includes("pause"); }

  toggle() { if (this.playing) this.pause(); else this.play(); }

  async play() {
    this.button.textContent = "❚❚ pause";
    if (this.frame >= this.frames - 1) await this.seek(0);
    await Promise.all(this.used.map((film) => film.play().catch(() => {})));
    const step = () => {
      if (!this.playing) return;
      for (const film of this.used) { // the others follow the first
        if (film !== this.lead && Math.abs(film.currentTime - this.lead.currentTime) > 0.6 / this.fps) film.currentTime = this.lead.currentTime;
      }
      this.draw();
      requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }

  pause() {
    this.button.textContent = "▶ play";
    const at = this.frame;
    this.films.forEach((film) => film.pause());
    return this.seek(at);
  }

  key(event) {
    if (event.target.tagName === "SELECT" || event.altKey || event.ctrlKey || event.metaKey) return;
    const slider = event.target.type === "range";
    const far = event.shiftKey ? Math.round(this.fps) : 1;
    const moves = { ArrowLeft: this.frame - far, ArrowRight: this.frame + far, Home: 0, End: this.frames - 1 };
    if (event.key === " ") {
      if (event.target.tagName === "BUTTON") return;
      this.toggle();
    } else if (event.key in moves && !slider) {
      this.pause().then(() => this.seek(moves[event.key]));
    } else return;
    event.preventDefault();
  }

  part(canvas, film, part, from = 0, to = 1) {
    const side = film.videoHeight;
    if (!side) return;
    const pen = canvas.getContext("2d");
    const { width, height } = canvas;
    pen.drawImage(film, (PARTS[part] + from) * side, 0, (to - from) * side, side, from * width, 0, (to - from) * width, height);
  }

  draw() {
    const a = this.lead;
    const truth = this.b.value === "truth";
    const b = truth ? a : this.films[Number(this.b.value)];
    const second = truth ? "driving" : "result";
    const at = this.single ? 1 : Number(this.split.value) / 100;
    this.part(this.driving, a, "driving");
    this.part(this.condition, a, "condition");
    this.part(this.ab, a, "result", 0, at);
    if (this.single) {
      this.abCaption.textContent = this.names[0];
      return this.tell();
    }
    this.part(this.ab, b, second, at, 1);
    this.line.style.left = `calc(${at * 100}% - 1px)`;
    const nameA = this.names[Number(this.a.value)];
    const nameB = truth ? this.box.dataset.truth : this.names[Number(this.b.value)];
    this.sideA.textContent = nameA;
    this.sideB.textContent = nameB;
    const pen = this.off.getContext("2d");
    const against = this.box.dataset.truth ? "driving" : second;
    pen.filter = "none";
    this.part(this.off, this.box.dataset.truth ? a : b, against);
    pen.globalCompositeOperation = "difference";
    this.part(this.off, a, "result");
    pen.globalCompositeOperation = "source-over";
    this.off.style.filter = "grayscale(1) brightness(3)";
    this.abCaption.textContent = `A: ${nameA} | B: ${nameB}; drag, or use the arrow keys`;
    this.offCaption.textContent = `|A − ${this.box.dataset.truth || "B"}|, three times as bright`;
    this.tell();
  }

  tell() {
    const frame = this.frame;
    if (document.activeElement !== this.bar || this.playing) this.bar.value = frame;
    this.told.textContent = `frame ${frame + 1} of ${this.frames}, ${(frame / this.fps).toFixed(2)} s`;
  }
}
addEventListener("DOMContentLoaded", () => document.querySelectorAll(".player").forEach((box) => new Player(box)));
