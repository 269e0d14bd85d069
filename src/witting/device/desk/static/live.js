// Looks each second whether recording started, paused or stopped, and loads the page anew when it did.
"use strict";
(() => {
  const shown = document.body.dataset.state;
  if (shown === undefined) return;
  setInterval(async () => {
    try {
      const answer = await fetch("/state", { cache: "no-store" });
      if (!answer.ok) return;
      const now = await answer.json();
      if (now.state !== shown) location.reload();
      for (const [id, text] of Object.entries(now.counts)) {
        const place = document.getElementById(`count-${id}`);
        if (place && place.textContent !== text) place.textContent = text;
      }
    } catch { /* the desk was closed */ }
  }, 1000);
})();
