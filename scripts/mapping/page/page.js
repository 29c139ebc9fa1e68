// Shows all sheets, or those with a mark or an issue, or those that hold the text looked for.
const sheets = [...document.querySelectorAll("#sheets .sheet")];
const search = document.querySelector("#sheets input[type=search]");
const buttons = [...document.querySelectorAll("#sheets .bar button")];
let show = "all";

function apply() {
  const wanted = search.value.trim();
  for (const sheet of sheets) {
    const marked = sheet.querySelector(".cell.miss, .cell.unread, .cell.bad, .issue") !== null;
    const hidden = (show === "marked" && !marked) || (wanted !== "" && !sheet.textContent.includes(wanted));
    sheet.hidden = hidden;
    if (!hidden && (wanted !== "" || show === "marked")) sheet.open = true;
  }
}

for (const button of buttons) {
  button.addEventListener("click", () => {
    show = button.dataset.show;
    for (const one of buttons) one.classList.toggle("on", one === button);
    apply();
  });
}
search?.addEventListener("input", apply);
