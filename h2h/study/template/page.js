
"use strict";
const $ = (id) => document.getElementById(id);
const plan = JSON.parse($("plan").textContent);
const KEPT = `h2h-study-${plan.study}`;
const SERVED = location.protocol.startsWith("http");
const RATING_SECONDS = 12; // a five-second clip, and the answer
const PREFERENCE_SECONDS = 18;
let kept = null; // what is kept across a reload: submission, seed, answers, handed (sent or saved)
let trials = [];
let given = null; // the answer that is chosen but not confirmed

// The order: the twin of h2h/study/order.py.
function mulberry32(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  };
}

function shuffled(items, draw) {
  const mixed = [...items];
  for (let i = mixed.length - 1; i > 0; i--) {
    const j = draw() % (i + 1);
    [mixed[i], mixed[j]] = [mixed[j], mixed[i]];
  }
  return mixed;
}

function order(seed) {
  const draw = mulberry32(seed);
  const ratings = shuffled(plan.ratings, draw);
  const preferences = shuffled(plan.preferences, draw).map((one) => ({ ...one, left: one.pair[draw() % 2] }));
  return [...ratings, ...preferences];
}

function fresh() {
  const words = crypto.getRandomValues(new Uint32Array(5));
  const submission = [...words.slice(1)].map((word) => word.toString(16).padStart(8, "0")).join("");
  return { submission, seed: words[0], answers: [], handed: false, begun: false };
}

function recall() {
  try {
    const found = JSON.parse(localStorage.getItem(KEPT));
    const known = new Set(order(found.seed).map((one) => one.trial));
    if (Array.isArray(found.answers) && found.answers.every((one) => known.has(one.trial))) return found;
  } catch { /* nothing is kept, or not by this page */ }
  return fresh();
}

function keep() {
  try {
    localStorage.setItem(KEPT, JSON.stringify(kept));
  } catch {
    $("forgetful").hidden = false;
  }
}

function only(name) {
  for (const id of ["start", "rating", "preference", "end"]) $(id).hidden = id !== name;
  $("forward").hidden = name === "start" || name === "end";
  $("progress").hidden = name === "start";
}

const file = (clip) => `clips/${clip}.mp4`;

function play(films, then) {
  for (const film of films) {
    film.currentTime = 0;
    film.play().catch(() => { film.controls = true; }); // where nothing may start by itself
  }
  films[0].onended = then;
}

function load(films, clips, fields) {
  fields.disabled = true;
  $("fault").hidden = true;
  let waiting = films.length;
  films.forEach((film, i) => {
    film.onerror = () => fault("This video cannot be played. Reload the page, or try another browser.");
    film.oncanplaythrough = () => {
      film.oncanplaythrough = null;
      if (--waiting === 0) play(films, () => { fields.disabled = false; });
    };
    film.src = file(clips[i]);
    film.load();
  });
}

function fault(text) {
  $("fault").textContent = text;
  $("fault").hidden = false;
}

function options(place, values, use) {
  place.replaceChildren(...values.map(([value, text]) => {
    const input = Object.assign(document.createElement("input"), { type: "radio", name: place.id, value });
    input.onchange = () => { given = use(value); $("forward").disabled = false; };
    const label = document.createElement("label");
    label.append(input, text);
    return label;
  }));
}

function show() {
  const done = kept.answers.length;
  $("progress").max = trials.length;
  $("progress").value = done;
  $("count").textContent = done < trials.length && kept.begun ? `${done + 1} of ${trials.length}` : "";
  if (!kept.begun) return only("start");
  if (done === trials.length) return finish();
  const one = trials[done];
  given = null;
  $("forward").disabled = true;
  if (one.clip) {
    only("rating");
    options($("grades"), [1, 2, 3, 4, 5].map((n) => [n, n]), (rating) => ({ trial: one.trial, rating }));
    return load([$("clip")], [one.clip], $("scale"));
  }
  only("preference");
  const right = one.pair.find((clip) => clip !== one.left);
  options($("sides"), [[one.left, "A"], [right, "B"]], (chosen) => ({ trial: one.trial, left: one.left, chosen }));
  load([$("driving"), $("left"), $("right")], [one.driving, one.left, right], $("choice"));
}

function result() {
  const { submission, seed, answers } = kept;
  return JSON.stringify({ format: plan.format, study: plan.study, submission, seed, answers });
}

function finish() {
  only("end");
  $("text").value = result();
  $("credits").replaceChildren(...plan.credits.map((text) => {
    const item = document.createElement("li");
    item.textContent = text;
    return item;
  }));
  $("save").classList.toggle("main", !SERVED);
  $("next").disabled = !kept.handed;
  if (!SERVED) $("sent").textContent = "Save your answers as a file, and send it to whoever asked you.";
  else if (kept.handed) $("sent").textContent = "Your answers have arrived. You can close this page.";
  else send();
}

function handed() {
  kept.handed = true;
  keep();
  $("next").disabled = false;
}

async function send() {
  $("send").hidden = true;
  $("sent").textContent = "Your answers are being sent …";
  try {
    const answer = await fetch("results", {
      method: "POST", headers: { "Content-Type": "application/json" }, body: result(),
    });
    if (!answer.ok) throw new Error(await answer.text());
    $("sent").textContent = "Your answers have arrived. You can close this page.";
    handed();
  } catch (error) {
    $("sent").textContent = `Your answers did not arrive (${error.message}). They are kept here: send again, or save them.`;
    $("send").hidden = false;
    $("save").classList.add("main");
  }
}

$("begin").onclick = () => { kept.begun = true; keep(); show(); };
$("again").onclick = () => play([$("clip")], () => { $("scale").disabled = false; });
$("both").onclick = () => play([$("driving"), $("left"), $("right")], () => { $("choice").disabled = false; });
$("forward").onclick = () => {
  if (!given) return;
  kept.answers.push(given);
  keep();
  show();
  scrollTo(0, 0);
};
$("send").onclick = send;
$("save").onclick = () => {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([result()], { type: "application/json" }));
  link.download = `answers-${kept.submission.slice(0, 8)}.json`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  handed();
};
$("next").onclick = () => { kept = fresh(); keep(); trials = order(kept.seed); show(); };
document.addEventListener("keydown", (event) => {
  const number = Number(event.key);
  const inputs = [...document.querySelectorAll("section:not([hidden]) fieldset:enabled input")];
  if (number >= 1 && number <= inputs.length) inputs[number - 1].click();
});

const seconds = plan.ratings.length * RATING_SECONDS + plan.preferences.length * PREFERENCE_SECONDS;
const minutes = Math.max(1, Math.round(seconds / 60));
$("howmany").textContent = plan.ratings.length;
$("second").hidden = plan.preferences.length === 0;
$("minutes").textContent = minutes === 1 ? "a minute" : `${minutes} minutes`;
$("about").textContent = plan.about;
kept = recall();
keep();
trials = order(kept.seed);
show();
