// The desk works without this script. With it, revealed values hide again after 90 seconds without a key or a
// movement, Escape clears the page, and what happened is announced by screen readers.
(() => {
  "use strict";

  const WARN_AFTER_MS = 65_000;
  const HIDE_AFTER_WARNING_MS = 25_000;

  const status = document.getElementById("status");
  const box = document.getElementById("q");
  const result = document.getElementById("result");
  let warning;
  let hiding;

  function tell(sentence) {
    status.classList.remove("refused");
    status.textContent = sentence;
  }

  // A live region is read out when something is put into it, not when a page arrives with it; so it is put in again.
  function announceArrival() {
    const sentence = status.textContent;
    if (sentence !== "") {
      setTimeout(() => {
        if (status.textContent === sentence) {
          status.replaceChildren(sentence);
        }
      }, 150);
    }
  }

  function toBox() {
    if (box !== null) {
      box.focus();
    }
  }

  function shown() {
    return document.querySelectorAll("[data-shown]");
  }

  function mask(value) {
    const dots = document.createElement("span");
    dots.className = "mask";
    dots.setAttribute("aria-hidden", "true");
    dots.textContent = "••••••••••";
    const words = document.createElement("span");
    words.className = "visually-hidden";
    words.textContent = value.dataset.shown + ", hidden";
    value.replaceChildren(dots, words);
    value.removeAttribute("data-shown");
    value.nextElementSibling.hidden = false;
  }

  function maskAll() {
    const values = shown();
    values.forEach(mask);
    clearTimeout(warning);
    clearTimeout(hiding);
    return values.length;
  }

  function warn() {
    tell("What is revealed will be hidden in 25 seconds. Press any key or move the pointer to keep it.");
    hiding = setTimeout(() => {
      hiding = undefined;
      maskAll();
      tell("Hidden again after 90 seconds.");
      toBox();
    }, HIDE_AFTER_WARNING_MS);
  }

  function awake() {
    if (shown().length === 0) {
      return;
    }
    if (hiding !== undefined) {
      clearTimeout(hiding);
      hiding = undefined;
      tell("Kept on the screen.");
    }
    clearTimeout(warning);
    warning = setTimeout(warn, WARN_AFTER_MS);
  }

  function clear() {
    maskAll();
    result.replaceChildren();
    document.querySelectorAll("input:not([type=hidden])").forEach((input) => {
      input.value = "";
    });
    tell("Cleared.");
    toBox();
  }

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.isComposing) {
      event.preventDefault();
      clear();
    }
  });
  ["keydown", "pointermove", "pointerdown", "scroll"].forEach((kind) =>
    document.addEventListener(kind, awake, { passive: true })
  );
  // A page that a browser kept in memory comes back without what was revealed.
  window.addEventListener("pagehide", maskAll);

  announceArrival();
  awake();
  toBox();
})();
