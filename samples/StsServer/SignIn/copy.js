// Each button copies the text that it names.
for (const button of document.querySelectorAll("button[data-copy]")) {
  button.addEventListener("click", async () => {
    const source = document.getElementById(button.dataset.copy);
    const said = document.getElementById("copied");
    try {
      await navigator.clipboard.writeText(source.textContent);
      said.textContent = "Copied.";
    } catch {
      // Without TLS, or without leave, the browser copies nothing by itself: the text is marked, for the keyboard to copy.
      getSelection().selectAllChildren(source);
      said.textContent = "Marked. Press Ctrl+C to copy.";
    }
  });
}
