// Shows what the runtime recorded. It may not depend on Python, which is not there.

const element = (id) => document.getElementById(id);

const failure = await (await fetch("/@pyxidium/failure.json")).json();
element("title").textContent = failure.development
  ? `${failure.app} stopped with an error`
  : `${failure.app} could not start`;
document.title = element("title").textContent;
element("summary").textContent = failure.summary;
element("details").textContent = failure.details || failure.summary;
// The last lines of a traceback say the most.
element("details").scrollTop = element("details").scrollHeight;
if (failure.hint) {
  element("hint").textContent = failure.hint;
  element("hint").hidden = false;
}
element("note").textContent = failure.development
  ? "Save a change and the app runs again."
  : failure.log
    ? `A report was written to ${failure.log}`
    : "Send the report to the makers of this app.";

element("copy").addEventListener("click", async () => {
  const copied = await copy(failure.report);
  element("copy").textContent = copied ? "Copied" : "Select the text and press Ctrl+C";
  setTimeout(() => (element("copy").textContent = "Copy report"), 2000);
});

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Where the clipboard interface is not allowed the old command still is.
    const field = document.createElement("textarea");
    field.value = text;
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    return done;
  }
}
