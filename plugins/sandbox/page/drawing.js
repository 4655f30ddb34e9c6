// 画：只造节点、只写 textContent，谁说的话都当文字。

const WEEK = ["日", "一", "二", "三", "四", "五", "六"];
const APART = 5 * 60 * 1000;

export function make(tag, className = "", text = "") {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text) node.textContent = text;
  return node;
}

// 服务器给的时刻都带 +08:00；不管看的人在哪个时区，都照北京时间说
function beijing(moment) {
  return new Date(moment.getTime() + 8 * 3600 * 1000);
}

const two = (number) => String(number).padStart(2, "0");

export function clockText(moment) {
  const at = beijing(moment);
  const day = `${at.getUTCMonth() + 1}月${at.getUTCDate()}日 周${WEEK[at.getUTCDay()]}`;
  return `${day} ${two(at.getUTCHours())}:${two(at.getUTCMinutes())}`;
}

function stamp(moment, now) {
  const same = beijing(moment).toISOString().slice(0, 10) === beijing(now).toISOString().slice(0, 10);
  return same ? `今天 ${clockText(moment).split(" ")[2]}` : clockText(moment);
}

// 一段聊天：隔得久了或换了一天，中间写一次时间
export function drawLines(log, lines, { me, people, selfId, now, from = null, onPicture }) {
  let last = from;
  for (const line of lines) {
    const at = new Date(line.at);
    if (!last || at - last > APART || at < last) log.append(make("p", "when", stamp(at, now)));
    last = at;
    log.append(drawLine(line, { me, people, selfId, onPicture }));
  }
  return last;
}

const initial = (name) => (name.endsWith("老师") ? name.slice(0, 1) : /\d$/.test(name) ? name.slice(-2) : name.slice(-1));

function drawLine(line, { me, people, selfId, onPicture }) {
  const robot = line.by === selfId;
  const person = people.get(line.by);
  const name = robot ? "团团" : (person?.name ?? line.by);
  const row = make("article", `line ${robot ? "robot" : line.by === me ? "mine" : "theirs"}`);
  row.dataset.number = line.number;
  const face = make("span", "face", robot ? "团" : initial(name));
  face.dataset.part = robot ? "团团" : (person?.part ?? "");
  face.setAttribute("aria-hidden", "true");
  const said = make("div", "said");
  const by = make("p", "by", name);
  if (person && person.part !== "青年") by.append(make("span", "part", person.part));
  said.append(by);
  if (line.text) said.append(make("p", "bubble", line.text));
  for (let index = 0; index < line.pictures; index += 1) said.append(picture(line.number, index, onPicture));
  line.files.forEach((file, index) => said.append(download(line.number, index, file)));
  row.append(face, said);
  return row;
}

function picture(number, index, onPicture) {
  const button = make("button", "picture");
  button.type = "button";
  const image = make("img");
  image.src = `/try/pictures/${number}/${index}`;
  image.alt = "团团发来的一张图，点开看大图";
  button.append(image);
  button.addEventListener("click", () => onPicture(image.src));
  return button;
}

function download(number, index, name) {
  const link = make("a", "file");
  link.href = `/try/files/${number}/${index}`;
  link.download = name;
  link.append(make("span", "file-name", name), make("span", "file-do", "存下来"));
  return link;
}

// 看的人展开、收起过的照旧
export function drawSheets(place, sheets) {
  const was = new Map([...place.children].map((part) => [part.dataset.title, part.open]));
  const held = document.activeElement?.closest?.(".sheet")?.dataset.title;
  place.replaceChildren(
    ...sheets.map((sheet, index) => {
      const part = make("details", "sheet");
      part.dataset.title = sheet.title;
      part.open = was.get(sheet.title) ?? index < 2;
      const title = make("summary", "", sheet.title);
      title.append(make("span", "count", `${sheet.rows.length}`));
      const why = sheet.columns.at(-1) === "为什么" ? sheet.columns.length - 1 : sheet.columns.length;
      const table = make("table");
      const head = make("tr");
      head.append(...sheet.columns.slice(0, why).map((column) => make("th", "", column)));
      const top = make("thead");
      top.append(head);
      table.append(top, ...sheet.rows.map((cells) => drawRow(cells, why)));
      const wide = make("div", "wide");
      wide.append(table);
      part.append(title, wide);
      return part;
    }),
  );
  [...place.children].find((part) => held && part.dataset.title === held)?.querySelector("summary").focus();
}

// “为什么”另起一行，窄窄的一栏也读得顺
function drawRow(cells, why) {
  const body = make("tbody");
  const row = make("tr");
  row.append(...cells.slice(0, why).map((cell) => make("td", cell === "是" ? "yes" : "", cell)));
  body.append(row);
  if (cells[why]) {
    const second = make("tr", "because");
    const reason = make("td", "", cells[why]);
    reason.colSpan = why;
    second.append(reason);
    body.append(second);
  }
  return body;
}
