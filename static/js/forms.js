// Enhancements only; every page works without them.
(function () {
  "use strict";

  // A second click on the same button within one page view is a slip, never a wish.
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (form.method !== "post") {
      return;
    }
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    // What takes longer than a page says so meanwhile.
    if (form.dataset.waiting) {
      var said = document.createElement("span");
      said.setAttribute("role", "status");
      said.textContent = form.dataset.waiting;
      form.append(said);
    }
    setTimeout(function () {
      delete form.dataset.sent;
    }, 8000);
  });

  // One box in the head ticks a whole column of boxes.
  document.querySelectorAll("table").forEach(function (table) {
    var boxes = Array.from(table.querySelectorAll("tbody td:first-child > input[type=checkbox]"));
    var head = table.querySelector("thead th:first-child");
    if (boxes.length < 2 || !head || head.textContent.trim() !== "选择") {
      return;
    }
    var all = document.createElement("input");
    all.type = "checkbox";
    all.setAttribute("aria-label", "全选");
    function follow() {
      all.checked = boxes.every(function (box) {
        return box.checked;
      });
    }
    all.addEventListener("change", function () {
      boxes.forEach(function (box) {
        box.checked = all.checked;
      });
    });
    table.addEventListener("change", follow);
    follow();
    head.replaceChildren(all);
  });

  // The summary of errors is where a reader should start.
  var summary = document.querySelector(".note[role=alert][tabindex]");
  if (summary) {
    summary.focus();
  }
})();
