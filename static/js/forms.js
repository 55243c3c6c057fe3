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
    setTimeout(function () {
      delete form.dataset.sent;
    }, 8000);
  });

  // The summary of errors is where a reader should start.
  var summary = document.querySelector(".note[role=alert][tabindex]");
  if (summary) {
    summary.focus();
  }
})();
