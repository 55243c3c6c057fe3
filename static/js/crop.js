// Choosing the part of a picture by dragging; the numbers beside it do the same without this.
(function () {
  "use strict";

  var picture = document.getElementById("crop");
  if (!picture) {
    return;
  }
  var frame = picture.querySelector(".crop-frame");
  var shade = picture.querySelector(".crop-shade");
  var fields = {};
  ["left", "top", "width"].forEach(function (name) {
    fields[name] = document.querySelector("input[name=" + name + "]");
  });
  var size = picture.viewBox.baseVal;
  var parts = picture.dataset.proportion.split("/").map(Number);
  var grip = null;

  function place(event) {
    var point = picture.createSVGPoint();
    point.x = event.clientX;
    point.y = event.clientY;
    return point.matrixTransform(picture.getScreenCTM().inverse());
  }

  function value(name) {
    return Number(fields[name].value) || 0;
  }

  function draw() {
    var width = Math.min(Math.max(Math.round(value("width")), 20), size.width);
    var height = Math.round((width * parts[1]) / parts[0]);
    if (height > size.height) {
      height = size.height;
      width = Math.floor((height * parts[0]) / parts[1]);
    }
    var left = Math.min(Math.max(Math.round(value("left")), 0), size.width - width);
    var top = Math.min(Math.max(Math.round(value("top")), 0), size.height - height);
    fields.left.value = left;
    fields.top.value = top;
    fields.width.value = width;
    frame.setAttribute("x", left);
    frame.setAttribute("y", top);
    frame.setAttribute("width", width);
    frame.setAttribute("height", height);
    shade.setAttribute(
      "d",
      "M0 0H" + size.width + "V" + size.height + "H0ZM" + left + " " + top + "v" + height + "h" + width + "v-" + height + "Z"
    );
  }

  picture.addEventListener("pointerdown", function (event) {
    var point = place(event);
    var left = value("left"), top = value("top"), width = value("width");
    var height = (width * parts[1]) / parts[0];
    var edge = Math.max(width / 6, 12);
    var corner = point.x > left + width - edge && point.y > top + height - edge && point.x < left + width + edge;
    grip = { corner: corner, dx: point.x - left, dy: point.y - top };
    picture.setPointerCapture(event.pointerId);
    event.preventDefault();
  });
  picture.addEventListener("pointermove", function (event) {
    if (!grip) {
      return;
    }
    var point = place(event);
    if (grip.corner) {
      fields.width.value = point.x - value("left");
    } else {
      fields.left.value = point.x - grip.dx;
      fields.top.value = point.y - grip.dy;
    }
    draw();
  });
  ["pointerup", "pointercancel"].forEach(function (name) {
    picture.addEventListener(name, function () {
      grip = null;
    });
  });
  Object.keys(fields).forEach(function (name) {
    fields[name].addEventListener("change", draw);
  });
})();
