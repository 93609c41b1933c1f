// Marking: the rubric's sum while one types, and Ctrl+Enter to save from anywhere in the form.
const form = document.querySelector("[data-marking]");
const shown = form.querySelector("[data-sum]");
const items = [...form.querySelectorAll("[data-most]")];
const add = () => {
  const given = items.map((item) => item.value.trim().replace(",", "."));
  const sum = given.reduce((whole, each) => whole + Number(each), 0);
  shown.querySelector("output").textContent = Number.isFinite(sum) ? String(Math.round(100 * sum) / 100) : "—";
};
if (shown) {
  shown.hidden = false;
  form.addEventListener("input", add);
  add();
}
form.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
});
