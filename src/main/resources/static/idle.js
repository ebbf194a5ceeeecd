// A page on which something of a patron may stand locks ten minutes after the last key or movement, and says so before.
(() => {
  "use strict";

  const WARN_AFTER_MS = 9.5 * 60_000;
  const LOCK_AFTER_WARNING_MS = 30_000;

  const lock = document.querySelector("form[action='/lock']");
  const words = lock.dataset;
  let idle;
  let locking;

  function tell(sentence) {
    const status = document.getElementById("status");
    status.classList.remove("refused");
    status.textContent = sentence;
  }

  function lockSoon() {
    tell(words.idle);
    locking = setTimeout(() => lock.requestSubmit(), LOCK_AFTER_WARNING_MS);
  }

  function awake() {
    clearTimeout(idle);
    clearTimeout(locking);
    if (locking !== undefined) {
      locking = undefined;
      tell(words.kept);
    }
    idle = setTimeout(lockSoon, WARN_AFTER_MS);
  }

  ["keydown", "pointermove", "pointerdown", "scroll"].forEach((kind) =>
    document.addEventListener(kind, awake, { passive: true })
  );
  awake();
})();
