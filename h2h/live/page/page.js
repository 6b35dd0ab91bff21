"use strict";
const $ = (id) => document.getElementById(id);
const STALE = 1000; // ms: an older picture is not shown
const COLOUR = "colour";
let channel = null;
let last = 0; // when the last picture was captured, by this page's clock
let noted = 0;

function ask(command) {
  if (channel && channel.readyState === WebSocket.OPEN) channel.send(JSON.stringify(command));
}

function note(text) {
  $("note").textContent = text;
  noted = performance.now();
}

function fill(select, names) {
  if (select.options.length === names.length) return;
  select.replaceChildren(...names.map((name) => new Option(name, name)));
}

function choose(select, value) {
  if (document.activeElement !== select) select.value = value;
}

async function draw(canvas, bytes, type) {
  const picture = await createImageBitmap(new Blob([bytes], { type }));
  if (canvas.width !== picture.width) canvas.width = picture.width;
  if (canvas.height !== picture.height) canvas.height = picture.height;
  const context = canvas.getContext("2d");
  context.clearRect(0, 0, canvas.width, canvas.height);
  context.drawImage(picture, 0, 0);
  picture.close();
}

function unpack(buffer) {
  const length = new DataView(buffer).getUint32(0);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  let at = 4 + length;
  const pictures = header.parts.map((size) => {
    const part = new Uint8Array(buffer, at, size);
    at += size;
    return part;
  });
  return [header, pictures];
}

function show(header) {
  const { fps, latency, latency95, drawn, stages, dropped } = header.statistics;
  $("fps").textContent = fps.toFixed(1);
  $("latency").textContent = latency.toFixed(0);
  $("latency95").textContent = latency95.toFixed(0);
  const rows = Object.entries(stages).map(([name, ms]) => {
    const row = document.createElement("tr");
    for (const text of [name, ms.toFixed(1)]) row.appendChild(document.createElement("td")).textContent = text;
    return row;
  });
  $("stages").replaceChildren(...rows);
  $("small").textContent = `${dropped ?? 0} frames dropped so far` + (drawn ? "" : "; latency until encoded");
  let status = "";
  if (!header.face) status = header.missing === null ? "no face yet" : `no face for ${header.missing.toFixed(1)} s`;
  else if (header.calibrating === "asked") status = "look straight ahead, without expression";
  else if (header.calibrating) status = "measuring the face";
  $("status").textContent = status;
  $("red").hidden = !header.recording;
  $("record").setAttribute("aria-pressed", header.recording);
  $("record").textContent = header.recording ? "Stop recording" : "Record";
  for (const id of ["mode", "background", "colour"]) $(id).disabled = header.recording;
  choose($("mode"), header.mode);
  const colour = header.background.startsWith("#");
  choose($("background"), colour ? COLOUR : header.background);
  if (colour && document.activeElement !== $("colour")) $("colour").value = header.background;
  $("colour").hidden = !colour;
}

async function receive(event) {
  if (typeof event.data === "string") {
    const { about, note: text } = JSON.parse(event.data);
    if (about) {
      $("name").textContent = about.name;
      fill($("mode"), about.modes);
      fill($("background"), [...about.backgrounds, COLOUR]);
      note(`consent of ${about.name}: ${about.consent ?? "not recorded"}`);
    }
    if (text) note(text);
    return;
  }
  const arrived = performance.now();
  const [header, [picture, source]] = unpack(event.data);
  const webp = picture[0] === 0x52; // "RIFF"
  try {
    await draw($("picture"), picture, webp ? "image/webp" : "image/jpeg");
    last = arrived - header.age;
    await draw($("source"), source, "image/jpeg");
  } finally {
    ask({ shown: header.number });
  }
  show(header);
}

function connect() {
  channel = new WebSocket(`ws://${location.host}/ws${location.search}`);
  channel.binaryType = "arraybuffer";
  channel.onmessage = receive;
  channel.onclose = () => {
    $("status").textContent = "not connected: is `h2h live` still running?";
    setTimeout(connect, 1000);
  };
}

setInterval(() => {
  const stale = performance.now() - last > STALE;
  $("frame").classList.toggle("stale", stale);
  if (stale && last) $("status").textContent = "no new picture";
  if (noted && performance.now() - noted > 15000) $("note").textContent = "";
}, 200);
$("record").onclick = () => ask({ record: $("record").getAttribute("aria-pressed") !== "true" });
$("calibrate").onclick = () => ask({ calibrate: true });
$("mode").onchange = () => ask({ mode: $("mode").value });
$("background").onchange = () => ask({ background: $("background").value === COLOUR ? $("colour").value : $("background").value });
$("colour").oninput = () => ask({ background: $("colour").value });
connect();
