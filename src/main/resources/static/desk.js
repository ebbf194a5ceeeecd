// The desk works without this script, page by page. With it the page stays and its parts change: the box is always
// ready for the next scan, revealed values hide again after 90 seconds without a key or a movement, Escape clears, and
// what happened is announced by screen readers. Nothing of a patron is kept but in this page.
(() => {
  "use strict";

  const WARN_AFTER_MS = 65_000;
  const HIDE_AFTER_WARNING_MS = 25_000;
  const RECENT = 8;
  const PURPOSE = "purpose";

  const words = document.getElementById("words").dataset;
  const box = document.getElementById("q");
  const purpose = document.getElementById("purpose");
  const result = document.getElementById("result");
  const recent = document.getElementById("recent");
  const keys = document.getElementById("keys");
  const keysOpen = document.getElementById("keys-open");
  const patrons = [];
  let warning;
  let hiding;
  let sent = "";
  let left = null;

  function status() {
    return document.getElementById("status");
  }

  function tell(sentence, refused = false) {
    status().classList.toggle("refused", refused);
    status().textContent = sentence;
  }

  // A live region is read out when something is put into it, not when it arrives with it; so it is put in again.
  function announce() {
    const region = status();
    const sentence = region.textContent;
    if (sentence !== "") {
      setTimeout(() => {
        if (region.textContent === sentence) {
          region.replaceChildren(sentence);
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
    const text = document.createElement("span");
    text.className = "visually-hidden";
    text.textContent = value.dataset.shown + ", " + words.masked;
    value.replaceChildren(dots, text);
    value.removeAttribute("data-shown");
    value.nextElementSibling.hidden = false;
  }

  function maskAll() {
    shown().forEach(mask);
    clearTimeout(warning);
    clearTimeout(hiding);
    hiding = undefined;
  }

  function warn() {
    tell(words.warn);
    hiding = setTimeout(() => {
      maskAll();
      tell(words.hidden);
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
      tell(words.kept);
    }
    clearTimeout(warning);
    warning = setTimeout(warn, WARN_AFTER_MS);
  }

  function blank() {
    maskAll();
    result.replaceChildren();
    if (recent !== null) {
      patrons.length = 0;
      list();
    }
    document.querySelectorAll("main input:not([type=hidden])").forEach((input) => {
      input.value = "";
    });
  }

  function clear() {
    maskAll();
    result.replaceChildren();
    box.value = "";
    tell(words.cleared);
    toBox();
  }

  // Whose card was open in this page, by initials, the newest first.
  function remember() {
    const card = result.querySelector("[data-patron]");
    if (card === null || card.dataset.initials === "") {
      return;
    }
    const { patron, initials } = card.dataset;
    const before = patrons.findIndex((one) => one.patron === patron);
    if (before >= 0) {
      patrons.splice(before, 1);
    }
    patrons.unshift({ patron, initials });
    patrons.length = Math.min(patrons.length, RECENT);
    list();
  }

  function list() {
    const open = result.querySelector("[data-patron]")?.dataset.patron;
    const others = patrons.filter((one) => one.patron !== open);
    recent.hidden = others.length === 0;
    const items = others.map((one) => {
      const button = document.createElement("button");
      button.className = "quiet";
      button.type = "button";
      button.name = "patron";
      button.value = one.patron;
      button.textContent = one.initials;
      button.setAttribute("aria-label", words.again + " " + one.initials);
      button.setAttribute("hx-post", "/open");
      button.setAttribute("hx-include", "#desk");
      button.setAttribute("hx-target", "#result");
      const item = document.createElement("li");
      item.append(button);
      return item;
    });
    recent.querySelector("ul").replaceChildren(...items);
    htmx.process(recent);
  }

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.isComposing && !keys.open && box !== null) {
      event.preventDefault();
      clear();
    } else if (event.key === "F1") {
      event.preventDefault();
      keys.showModal();
    } else if (event.altKey && !event.ctrlKey && !event.metaKey && event.code.startsWith("Key")) {
      // By the place of the key: with Alt a Mac writes another letter.
      const shortcut = "Alt+" + event.code.slice("Key".length);
      const target = document.querySelector(`[aria-keyshortcuts="${shortcut}"]`);
      if (target !== null && target.closest("[hidden]") === null) {
        event.preventDefault();
        target.click();
      }
    }
  });
  ["keydown", "pointermove", "pointerdown", "scroll"].forEach((kind) =>
    document.addEventListener(kind, awake, { passive: true })
  );
  // A page that a browser kept in memory comes back without what was on it.
  window.addEventListener("pagehide", blank);

  // From here on the page stays. Whoever scans on while an answer is on its way finds an empty box.
  document.addEventListener("htmx:configRequest", (event) => {
    // Of the card that is open: it is not sent with another one's.
    if (event.detail.elt.closest("#recent") !== null) {
      event.detail.formData.delete("patron");
      event.detail.formData.append("patron", event.detail.elt.value);
    }
  });
  document.addEventListener("htmx:beforeSend", (event) => {
    if (event.detail.elt.id === "desk") {
      sent = box.value;
      box.value = "";
    }
    if (event.detail.target.id === "result") {
      // At once: what has the focus now goes with the part that is replaced, and a scan with it.
      left = document.activeElement;
      toBox();
    }
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.target.id !== "result") {
      return;
    }
    remember();
    if (recent !== null) {
      list();
    }
    announce();
    awake();
    // The box has the focus since the request left; whoever went on to a field meanwhile stays there. A form that was
    // refused is still here, and goes on where it was left.
    if (document.activeElement === box) {
      const refused = left !== null && left.isConnected ? left.closest(".changes input, .changes select") : null;
      (refused ?? result.querySelector(".changes input:not([type=hidden])"))?.focus();
    }
  });
  document.addEventListener("htmx:sendError", () => {
    box.value = box.value === "" ? sent : box.value;
    tell(words.offline, true);
    toBox();
  });
  document.addEventListener("htmx:timeout", () => {
    tell(words.offline, true);
    toBox();
  });

  if (purpose !== null) {
    const last = sessionStorage.getItem(PURPOSE);
    if (last !== null && [...purpose.options].some((option) => option.value === last)) {
      purpose.value = last;
    }
    purpose.addEventListener("change", () => {
      sessionStorage.setItem(PURPOSE, purpose.value);
      result.querySelectorAll("[name=purpose]").forEach((input) => {
        input.value = purpose.value;
      });
      toBox();
    });
  }
  document.querySelectorAll("form[action='/lock'], #officer").forEach((form) =>
    form.addEventListener("submit", () => {
      if (form.id !== "officer") {
        sessionStorage.removeItem(PURPOSE);
      }
      blank();
    })
  );
  if (keysOpen !== null) {
    keysOpen.hidden = false;
    keysOpen.addEventListener("click", () => keys.showModal());
    keys.addEventListener("close", toBox);
  }

  announce();
  awake();
  toBox();
})();
