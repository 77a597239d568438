/* What the theme leaves undone: for readers with a keyboard, for strict hosts, for copies on disk. */

/* From disk, no page can fetch another, so the search shows titles without extracts. */
if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;

/* The buttons whose scripts a strict host would not run inside the page */
const RUN = {
  "window.print()": () => window.print(),
  "toggleFullScreen()": () => window.toggleFullScreen(),
};
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-run]");
  if (button) RUN[button.dataset.run]();
});

/* The theme takes the focus from a button that was pressed, which only a mouse can do without. */
document.addEventListener("DOMContentLoaded", () => {
  for (const button of document.querySelectorAll(".article-header-buttons button, .sidebar-toggle"))
    button.blur = () => {
      if (!button.matches(":focus-visible")) HTMLElement.prototype.blur.call(button);
    };
});

/* An entry of a page's contents, chosen on a phone, shows its section, not the contents still. */
document.addEventListener("click", (event) => {
  const link = event.target.closest('dialog a[href^="#"]');
  if (link) setTimeout(() => link.closest("dialog")?.close());
});

/* What scrolls sideways can be reached with Tab, so that arrow keys move it. The theme sees to code
   and tables when the window changes, but neither to equations nor to what was unfolded. */
const markEquations = () => {
  for (const box of document.querySelectorAll('mjx-container[display="true"]'))
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
};
const lookAgain = () => setTimeout(() => window.dispatchEvent(new Event("resize")), 50);
window.addEventListener("resize", markEquations);
window.addEventListener("load", () => window.MathJax?.startup?.promise.then(lookAgain));
document.addEventListener("toggle", lookAgain, true);
document.addEventListener("click", (event) => {
  if (event.target.closest(".admonition.toggle > .admonition-title")) lookAgain();
});
