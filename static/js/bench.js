// The review bench: single keys, and papers one at a time with zoom and turn. Without this every link and button works.
(function () {
  "use strict";

  var STOPPED = "bench-keys-off";

  // Single keys. An element says by data-key which key presses it; never while somebody types.
  function typing(element) {
    return element.matches("textarea, select, [contenteditable]") ||
      (element.matches("input") && !/^(radio|checkbox|button|submit)$/.test(element.type));
  }

  function shown(element) {
    return element.getClientRects().length > 0;
  }

  function stopped() {
    try {
      return localStorage.getItem(STOPPED) === "yes";
    } catch (error) {
      return false;
    }
  }

  function use(element) {
    if (element.matches("input[type=radio], input[type=checkbox]")) {
      element.click();
      element.focus();
    } else if (element.matches("summary")) {
      element.parentElement.open = !element.parentElement.open;
      element.focus();
    } else if (element.matches("input, textarea, select, [data-focus]")) {
      element.focus();
    } else {
      element.click();
    }
  }

  function wanted(key) {
    if (/^[1-9]$/.test(key)) {
      return document.querySelectorAll("#opinion input[name=outcome], #record input[name=outcome]")[key - 1];
    }
    return Array.from(document.querySelectorAll("[data-key]")).find(function (element) {
      return element.dataset.key.split(" ").includes(key) && shown(element);
    });
  }

  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) {
      return;
    }
    if (event.key === "Escape" && typing(event.target)) {
      event.target.blur();
      return;
    }
    if (typing(event.target) || (stopped() && event.key !== "?")) {
      return;
    }
    var element = wanted(event.key);
    if (element) {
      event.preventDefault();
      use(element);
    }
  });

  var box = document.getElementById("keys-off");
  if (box) {
    box.closest("[hidden]").hidden = false;
    box.checked = stopped();
    box.addEventListener("change", function () {
      try {
        localStorage.setItem(STOPPED, box.checked ? "yes" : "");
      } catch (error) {
        box.checked = false;
      }
    });
  }

  // What to correct opens with the opinion that asks for it.
  var items = document.querySelector("details.items");
  document.querySelectorAll("#opinion input[name=outcome]").forEach(function (radio) {
    radio.addEventListener("change", function () {
      if (items) {
        items.open = radio.value === "RETURN";
      }
    });
  });

  // A reason from the list goes into the field, where it can be changed.
  document.querySelectorAll("select[data-fills]").forEach(function (select) {
    var field = document.getElementById(select.dataset.fills);
    select.addEventListener("change", function () {
      var text = select.value;
      if (text && field) {
        field.value = field.value.trim() ? field.value.trim() + "\n" + text : text;
        select.value = "";
        field.focus();
      }
    });
  });

  // Papers, one at a time.
  var viewer = document.getElementById("papers");
  if (!viewer) {
    return;
  }
  var links = Array.from(viewer.querySelectorAll(".paper-switch a"));
  var papers = Array.from(viewer.querySelectorAll(".paper"));
  var zoom = 1;
  var turn = 0;
  viewer.classList.add("paper-viewer");
  viewer.querySelector(".paper-tools").hidden = false;

  function draw() {
    viewer.querySelectorAll(".paper:not([hidden]) > .paper-view img").forEach(function (image) {
      var view = image.closest(".paper-view");
      var wide = view.clientWidth;
      var sideways = turn % 180 !== 0;
      var fits = sideways && image.naturalWidth ? Math.min(1, wide / ((wide * image.naturalHeight) / image.naturalWidth)) : 1;
      image.style.width = wide * zoom * fits + "px";
      image.style.maxWidth = "none";
      image.style.maxHeight = "none";
      image.style.transform = "rotate(" + turn + "deg)";
      var high = image.naturalWidth ? (wide * zoom * fits * image.naturalHeight) / image.naturalWidth : 0;
      var shift = sideways ? (wide * zoom * fits - high) / 2 : 0;
      image.style.margin = shift + "px " + -shift + "px";
    });
    viewer.querySelector(".paper-said").textContent = Math.round(zoom * 100) + "%" + (turn ? "，旋转 " + turn + "°" : "");
  }

  function show(link) {
    var both = link.hash === "#papers-both";
    papers.forEach(function (paper) {
      var here = both ? paper.hasAttribute("data-compared") : "#" + paper.id === link.hash;
      paper.hidden = !here;
      var frame = paper.querySelector("[data-frame]");
      if (here && frame && !frame.firstElementChild) {
        var inside = document.createElement("iframe");
        inside.src = frame.dataset.frame;
        inside.title = frame.dataset.title;
        frame.appendChild(inside);
      }
    });
    viewer.classList.toggle("paper-both", both);
    links.forEach(function (one) {
      if (one === link) {
        one.setAttribute("aria-current", "true");
      } else {
        one.removeAttribute("aria-current");
      }
    });
    zoom = 1;
    turn = 0;
    draw();
  }

  var acts = {
    nearer: function () {
      zoom = Math.min(zoom * 1.25, 5);
    },
    farther: function () {
      zoom = Math.max(zoom / 1.25, 0.4);
    },
    turn: function () {
      turn = (turn + 90) % 360;
    },
    reset: function () {
      zoom = 1;
      turn = 0;
    },
    next: function () {
      step(1);
    },
    previous: function () {
      step(-1);
    },
  };

  function step(by) {
    var place = links.findIndex(function (link) {
      return link.hasAttribute("aria-current");
    });
    show(links[(place + by + links.length) % links.length]);
  }

  links.forEach(function (link) {
    link.addEventListener("click", function (event) {
      event.preventDefault();
      show(link);
    });
  });
  viewer.querySelectorAll("[data-do]").forEach(function (button) {
    button.addEventListener("click", function () {
      acts[button.dataset.do]();
      draw();
    });
  });
  viewer.querySelectorAll(".paper-view img").forEach(function (image) {
    image.addEventListener("load", draw);
  });
  window.addEventListener("resize", draw);
  if (links.length) {
    show(links[0]);
  }
})();
