// 接着玩：状态都在这里，说话与拨钟交给服务器，画交给 drawing.js。

import { clockText, drawLines, drawSheets, make } from "/try/page/drawing.js";

const PARTS = ["团干部", "青年", "管理员", "督导"];
const RETRY = 3000;
const SHORT = { 团干部: "干部" };
const by = (id) => document.getElementById(id);

const state = {
  selfId: "",
  people: new Map(),
  places: [],
  lines: [],
  last: 0,
  me: "",
  group: null,
  // 每位在每处看到第几句
  seen: new Map(),
  chosen: new Map(),
  offset: 0,
  travelling: false,
  drawn: null,
  // 哪一场
  play: undefined,
};

const now = () => new Date(Date.now() + state.offset);
const room = (line) => line.group ?? `@${line.user}`;
const here = () => state.group ?? `@${state.me}`;
const place = (id) => state.places.find((one) => one.id === id);
const belongs = (id) => id === null || place(id).members.includes(state.me);
const seenKey = (me, where) => `${me} ${where}`;

function ask(path, body) {
  return get(path, body && {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
}

async function get(path, request) {
  const answer = await fetch(`/try/${path}`, request);
  if (answer.status === 409) throw new Error((await answer.json()).sentence);
  if (!answer.ok) throw new Error("没办成，刷新一下网页再试。");
  return answer.json();
}

function complain(error) {
  by("no").textContent = error ? (error instanceof TypeError ? "团团停下了；再运行一次 tuanbot try。" : error.message) : "";
}

async function begin() {
  const opening = await ask("state");
  state.selfId = opening.self;
  state.people = new Map(opening.people.map((person) => [person.id, person]));
  state.places = opening.places;
  for (const part of PARTS) {
    const label = make("label");
    const radio = make("input");
    radio.type = "radio";
    radio.name = "part";
    radio.value = part;
    radio.addEventListener("change", () => become(state.chosen.get(part) ?? firstOf(part)));
    label.append(radio, make("span", "", SHORT[part] ?? part), make("b", "badge"));
    by("roles").append(label);
  }
  for (const jump of opening.jumps) {
    const button = make("button", "", jump.label);
    button.type = "button";
    button.dataset.to = jump.to;
    button.addEventListener("click", () => travel(jump.to));
    by("jumps").append(button);
  }
  listen();
}

function firstOf(part) {
  const all = [...state.people.values()].filter((person) => person.part === part);
  if (part !== "青年") return all[0].id;
  // 话最多的那位青年，私聊里看得到来龙去脉
  const spoke = (person) => state.lines.filter((line) => line.user === person.id).length;
  return all.reduce((best, person) => (spoke(person) > spoke(best) ? person : best)).id;
}

function listen() {
  const news = new EventSource("/try/news");
  news.addEventListener("message", (event) => {
    const told = JSON.parse(event.data);
    state.play ??= told.play;
    if (told.play !== state.play) return location.reload(); // 又演了一个下午
    state.offset = new Date(told.now) - Date.now();
    const fresh = told.lines.filter((line) => line.number > state.last);
    state.lines.push(...fresh);
    if (fresh.length) state.last = fresh.at(-1).number;
    if (!state.me) {
      for (const person of state.people.values()) {
        for (const where of [...state.places.map((one) => one.id), `@${person.id}`]) {
          state.seen.set(seenKey(person.id, where), state.last);
        }
      }
      become(firstOf("团干部"));
    } else if (fresh.length) arrive(fresh);
    pause(told.travelling);
    tick();
  });
  news.addEventListener("open", () => complain(null));
  news.addEventListener("error", () => {
    complain(new TypeError());
    // 还在演，网页没开：浏览器不再试，自己过一会儿再试
    if (news.readyState === EventSource.CLOSED) setTimeout(listen, RETRY);
  });
}

function arrive(fresh) {
  const mine = fresh.filter((line) => room(line) === here());
  if (mine.length) {
    by("log").querySelector(".empty")?.remove();
    draw(mine);
    state.seen.set(seenKey(state.me, here()), state.last);
    offer();
  }
  count();
  refresh();
}

function draw(lines) {
  const { me, people, selfId } = state;
  const log = by("log");
  state.drawn = drawLines(log, lines, { me, people, selfId, now: now(), from: state.drawn, onPicture: enlarge });
  log.querySelectorAll("img").forEach((image) => image.complete || image.addEventListener("load", down, { once: true }));
  down();
}

function down() {
  by("log").scrollTo({ top: by("log").scrollHeight });
}

function become(id) {
  state.me = id;
  const { part } = state.people.get(id);
  state.chosen.set(part, id);
  for (const radio of by("roles").querySelectorAll("input")) radio.checked = radio.value === part;
  if (!belongs(state.group)) state.group = null;
  enter(state.group);
}

function enter(group) {
  state.group = group;
  state.seen.set(seenKey(state.me, here()), state.last);
  state.drawn = null;
  const lines = state.lines.filter((line) => room(line) === here());
  const where = group === null ? "和团团私聊" : place(group).name;
  by("room").replaceChildren(where, make("small", "", group === null ? "只有你俩看得到" : `${place(group).members.length + 1} 人`));
  by("log").replaceChildren();
  if (lines.length) draw(lines);
  else by("log").append(make("p", "empty", "这里还没说过话，点下面一句试试。"));
  allow();
  complain(null);
  count();
  offer();
}

// 群里没有我，就只能看
function allow() {
  const person = state.people.get(state.me);
  const outside = !belongs(state.group);
  const stranger = state.group === null && !person.friend;
  by("text").disabled = by("send").disabled = outside || stranger;
  // 文件只在私聊里发，如填好的名册
  by("attach").hidden = state.group !== null;
  by("attach").disabled = stranger;
  by("text").placeholder = outside
    ? `${person.name}不在这个群，只能看看；换个身份就能说`
    : stranger ? `${person.name}没加团团好友，去群里说吧` : "说点什么，或点上面的";
}

const unread = (id) => unreadIn(id, `@${id}`);

function unreadIn(id, where) {
  const seen = state.seen.get(seenKey(id, where)) ?? 0;
  return state.lines.filter((line) => line.number > seen && room(line) === where && line.by === state.selfId).length;
}

function badge(node, number) {
  node.textContent = number > 99 ? "99+" : number || "";
  if (number) node.setAttribute("aria-label", `${number} 条没看`);
  else node.removeAttribute("aria-label");
}

// 身份、人、聊天各有几条没看
function count() {
  const { part } = state.people.get(state.me);
  const all = [...state.people.values()];
  for (const radio of by("roles").querySelectorAll("input")) {
    const waiting = all.filter((person) => person.part === radio.value).reduce((sum, person) => sum + unread(person.id), 0);
    badge(radio.parentElement.querySelector(".badge"), waiting);
  }
  by("who").replaceChildren(...all.filter((person) => person.part === part).map((person) => {
    const waiting = unread(person.id);
    const option = make("option", "", waiting ? `${person.name}（${waiting} 条没看）` : person.name);
    option.value = person.id;
    option.selected = person.id === state.me;
    return option;
  }));
  refill("rooms", [null, ...state.places.map((one) => one.id)].map((group) => {
    const where = group ?? `@${state.me}`;
    const last = state.lines.findLast((line) => room(line) === where);
    const button = make("button", belongs(group) ? "" : "outside");
    button.type = "button";
    if (group === state.group) button.setAttribute("aria-current", "true");
    const face = make("span", "face", group === null ? "团" : place(group).name.replace(/^青年|^团干部/, "").slice(0, 1));
    face.dataset.part = group === null ? "团团" : "群";
    face.setAttribute("aria-hidden", "true");
    const words = make("span", "words");
    const name = make("span", "name", group === null ? "团团" : place(group).name);
    if (!belongs(group)) name.append(make("small", "", "旁观"));
    words.append(name);
    words.append(make("span", "last", last ? last.text.split("\n")[0] || (last.pictures ? "〔图片〕" : "〔文件〕") : "还没说过话"));
    const mark = make("b", "badge");
    badge(mark, belongs(group) ? unreadIn(state.me, where) : 0);
    button.append(face, words, mark);
    button.addEventListener("click", () => enter(group));
    return button;
  }));
}

let offering = 0;
async function offer() {
  const asked = (offering += 1);
  const at = new URLSearchParams({ by: state.me, ...(state.group && { group: state.group }) });
  const found = by("text").disabled ? [] : await ask(`suggestions?${at}`).catch(() => []);
  if (asked !== offering) return; // 问的工夫里换了人、换了地方
  refill("replies", found.map((one) => {
    const button = make("button", one.ready ? "" : "draft", one.text);
    button.type = "button";
    button.title = one.ready ? "点一下就发" : "先放进输入框，改几个字再发";
    button.addEventListener("click", () => (one.ready ? say(one.text) : write(one.text)));
    return button;
  }));
}

// 换一批按钮；用键盘停在哪一个上，换完还在那里
function refill(what, buttons) {
  const all = () => [...by(what).children];
  const at = all().indexOf(document.activeElement);
  by(what).replaceChildren(...buttons);
  if (at >= 0) (all()[Math.min(at, buttons.length - 1)] ?? by("text")).focus();
}

function write(text) {
  by("text").value = text;
  stretch();
  by("text").focus();
}

async function say(text) {
  complain(null);
  try {
    await ask("say", { by: state.me, group: state.group, text });
    return true;
  } catch (error) {
    complain(error);
    return false;
  }
}

async function hand(file) {
  complain(null);
  const at = new URLSearchParams({ by: state.me, name: file.name });
  await get(`hand?${at}`, { method: "POST", body: file }).catch(complain);
}

async function travel(to) {
  complain(null);
  show("clock", "now", false);
  pause(true);
  try {
    await ask("travel", { to });
  } catch (error) {
    complain(error);
  }
  pause(false);
  refresh();
  offer();
}

function pause(travelling) {
  state.travelling = travelling;
  by("clock").classList.toggle("going", travelling);
  for (const button of by("jumps").children) button.disabled = travelling;
}

function tick() {
  by("time").textContent = clockText(now());
}

let pending = 0;
function refresh() {
  clearTimeout(pending);
  pending = setTimeout(async () => drawSheets(by("sheets"), await ask("sheets").catch(() => [])), 300);
}

function stretch() {
  const text = by("text");
  text.rows = Math.min(5, text.value.split("\n").length);
}

function enlarge(source) {
  by("big-picture").src = source;
  by("big-picture").alt = "团团发来的图";
  by("big").showModal();
}

function show(what, button, open) {
  by(what).classList.toggle("open", open);
  by(button).setAttribute("aria-expanded", String(open));
}

// 先清空再送：连按两下只说一次，接着写的也不会被抹掉
let sending = false;
by("composer").addEventListener("submit", async (event) => {
  event.preventDefault();
  const text = by("text").value;
  if (sending && !text) return;
  sending = true;
  by("text").value = "";
  stretch();
  const said = await say(text);
  sending = false;
  if (!said && !by("text").value) write(text);
});
by("text").addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  by("composer").requestSubmit();
});
by("text").addEventListener("input", stretch);
by("attach").addEventListener("click", () => by("file").click());
by("file").addEventListener("change", async () => {
  const [file] = by("file").files;
  if (file) await hand(file);
  by("file").value = "";
});
by("who").addEventListener("change", () => become(by("who").value));
by("got").addEventListener("click", () => by("hint").remove());
by("now").addEventListener("click", () => show("clock", "now", !by("clock").classList.contains("open")));
by("why").addEventListener("click", () => show("ledger", "why", !by("ledger").classList.contains("open")));
by("close").addEventListener("click", () => show("ledger", "why", false));
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  show("clock", "now", false);
  show("ledger", "why", false);
});
// 键盘弹出来、现成的话换了行，仍停在最后一句
new ResizeObserver(down).observe(by("log"));
setInterval(() => state.me && tick(), 1000);
begin().then(refresh, complain);
