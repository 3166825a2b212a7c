// Ostiary. Everything here makes a page quicker, never possible: forms, links and details work without it.
"use strict";
(() => {
  const root = document.documentElement;
  root.classList.add("scripted");

  // --- Copy: a button says Copied for two seconds, in a live region -------
  const said = document.querySelector("[data-live]");
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    event.preventDefault();
    await navigator.clipboard.writeText(button.dataset.copy);
    const label = button.dataset.label || button.textContent;
    button.dataset.label = label;
    button.textContent = "Copied";
    button.classList.add("copied");
    if (said) said.textContent = (button.dataset.name || "The value") + " was copied.";
    window.setTimeout(() => {
      button.textContent = label;
      button.classList.remove("copied");
      if (said) said.textContent = "";
    }, 2000);
  });

  // --- Colours: switched in place, so that nothing that is typed or shown once is lost ---
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const chosen = event.submitter;
    if (!form.matches(".themes") || !chosen) return;
    event.preventDefault();
    if (chosen.value === "auto") delete root.dataset.theme;
    else root.dataset.theme = chosen.value;
    for (const button of form.querySelectorAll("button")) button.setAttribute("aria-pressed", String(button === chosen));
    const body = new URLSearchParams({ theme: chosen.value });
    // Without an answer this page keeps its colours, and the next one has the former.
    fetch(form.action, { method: "POST", body, redirect: "manual", keepalive: true }).catch(() => {});
  });

  // --- Menu: the sidebar as a bar on narrow pages -------------------------
  const menu = document.querySelector("[data-menu]");
  const places = menu && document.getElementById(menu.getAttribute("aria-controls"));
  if (menu && places) {
    menu.addEventListener("click", () => {
      const isOpen = places.classList.toggle("open");
      menu.setAttribute("aria-expanded", String(isOpen));
    });
  }

  // --- Buttons that are not ready yet answer with their reason ------------
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[aria-disabled='true']");
    if (!button) return;
    event.preventDefault();
    const reason = document.getElementById(button.getAttribute("aria-describedby") || "");
    if (!reason) return;
    reason.classList.add("asked");
    reason.scrollIntoView({ block: "nearest" });
    if (said) said.textContent = reason.textContent;
  });

  // --- A form that has been sent says so and is sent once -----------------
  document.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (!button || !button.dataset.busy || event.target.target === "_blank") return;
    button.style.minWidth = button.offsetWidth + "px";
    button.setAttribute("aria-busy", "true");
    button.textContent = button.dataset.busy;
  });
  // --- Test Connection takes what was saved: with something else in the form it asks first ---
  const edited = document.querySelector("form[data-edited]");
  const unsaved = document.querySelector("[data-unsaved]");
  const isEdited = (field) => {
    if (field.type === "file") return field.files.length > 0;
    if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
    if (!field.matches("select")) return field.matches("input, textarea") && field.value !== field.defaultValue;
    const first = [...field.options].findIndex((option) => option.defaultSelected);
    return field.selectedIndex !== Math.max(first, 0);
  };
  const keepsEdits = () => Boolean(edited && unsaved)
    && (edited.dataset.edited === "yes" || [...edited.elements].some(isEdited));

  // --- It opens the provider in a second tab; this one follows, where nothing is lost by it ---
  document.addEventListener("submit", (event) => {
    const then = event.target.dataset.then;
    if (!then) return;
    if (!keepsEdits()) { window.setTimeout(() => window.location.assign(then), 400); return; }
    if (event.submitter && event.submitter.name === "as_saved") { unsaved.hidden = true; return; }
    event.preventDefault();
    unsaved.hidden = false;
    unsaved.focus();
    unsaved.scrollIntoView({ block: "nearest" });
  });
  window.addEventListener("pageshow", (event) => { if (event.persisted) window.location.reload(); });

  // --- On to the identity provider, with a form or by a link: at once; its button does the same ---
  const leaving = document.querySelector("[data-leaving]");
  if (leaving && leaving.href) window.location.replace(leaving.href);
  else if (leaving) leaving.submit();

  // --- Passkeys: the browser asks the authenticator, and the form carries its answer -----
  // The form names the question (data-options, bytes as base64url) and what it is for: "make" or "sign".
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (each) => each.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const read = (options) => ({
    ...options,
    challenge: bytes(options.challenge),
    ...(options.user && { user: { ...options.user, id: bytes(options.user.id) } }),
    ...(options.excludeCredentials && {
      excludeCredentials: options.excludeCredentials.map((each) => ({ ...each, id: bytes(each.id) })),
    }),
  });
  const written = ({ id, rawId, type, response }) => {
    const parts = { clientDataJSON: text(response.clientDataJSON) };
    if (response.attestationObject) {
      parts.attestationObject = text(response.attestationObject);
      parts.transports = response.getTransports ? response.getTransports() : [];
    } else {
      parts.authenticatorData = text(response.authenticatorData);
      parts.signature = text(response.signature);
      if (response.userHandle) parts.userHandle = text(response.userHandle);
    }
    return JSON.stringify({ id, rawId: text(rawId), type, response: parts });
  };
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const note = form.querySelector("[data-passkey-note]");
      note.hidden = true;
      try {
        const publicKey = read(JSON.parse(form.dataset.options));
        const made = form.dataset.passkey === "make"
          ? await navigator.credentials.create({ publicKey })
          : await navigator.credentials.get({ publicKey });
        form.elements.namedItem("answer").value = written(made);
        form.submit();
      } catch {
        // Cancelled, timed out, no authenticator, or a second passkey on one device: browsers do not tell which.
        note.hidden = false;
        if (said) said.textContent = note.textContent;
      }
    });
  }

  // --- Print ---------------------------------------------------------------
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) window.print();
  });

  // --- A form that only leads somewhere leaves a bare question mark behind its address
  if (location.href.endsWith("?")) history.replaceState(history.state, "", location.pathname);

  // --- Times in the reader's zone -----------------------------------------
  const formats = {
    day: { day: "numeric", month: "long", year: "numeric" },
    moment: { day: "numeric", month: "long", year: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
    clock: { hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
    exact: { hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3, hourCycle: "h23" },
  };
  for (const time of document.querySelectorAll("time[data-as]")) {
    const at = new Date(time.dateTime);
    if (Number.isNaN(at.getTime())) continue;
    time.title = time.textContent;
    time.textContent = new Intl.DateTimeFormat("en-GB", formats[time.dataset.as]).format(at).replace(" at ", ", ");
  }

  // --- A test in another tab: look whether there is news ------------------
  // The page names an address that answers JSON: {"version": "..."}; another version means another page.
  const follow = document.querySelector("[data-follow]");
  if (follow) {
    const ended = document.querySelector("[data-session-ended]");
    let isOver = false;
    const look = async () => {
      if (isOver) return;
      try {
        const answer = await fetch(follow.dataset.follow, { headers: { Accept: "application/json" } });
        if (answer.status === 401 || answer.status === 403) {
          isOver = true;
          ended.hidden = false;
          if (said) said.textContent = ended.textContent;
          return;
        }
        const news = answer.ok ? await answer.json() : {};
        if (news.location) { window.location.assign(news.location); return; }
        if (news.version && news.version !== follow.dataset.version) { window.location.reload(); return; }
      } catch { /* the server restarts, or the machine sleeps: look again */ }
      window.setTimeout(look, 1500);
    };
    window.setTimeout(look, 1000);
    document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });
  }

  // --- After a failed save the list of fields takes the focus -------------
  const errors = document.querySelector("[data-focus]");
  if (errors) errors.focus();
})();
