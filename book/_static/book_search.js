/* Sphinx's search with results that make sense: what the query names comes first, a glossary entry
   shows its term and definition, and extracts come from the text alone, around the words sought. */

const NO_PROSE = ".headerlink, script, style, button, .sd-tab-label, .citation > .label";
const EXTRACT = 240; /* characters */

/* Formulas in words that can be read: "\(\lambda_{max}\)" becomes "lambda_max". */
const plainFormula = (tex) =>
  tex
    .replace(/\\(operatorname|mathrm|mathbf|mathbb|text|left|right|displaystyle|[,;:!])/g, " ")
    .replace(/\\[()[\]]|[\\{}]/g, "");

const proseOf = (html, anchor) => {
  const page = new DOMParser().parseFromString(html, "text/html");
  const article = page.querySelector("article") ?? page.body;
  for (const element of article.querySelectorAll(NO_PROSE)) element.remove();
  for (const formula of article.querySelectorAll(".math"))
    formula.textContent = plainFormula(formula.textContent);
  for (const block of article.querySelectorAll("p, li, dt, dd, pre, h1, h2, h3, td, th"))
    block.append(" ");
  const place = anchor ? article.querySelector(`[id="${anchor.slice(1)}"]`) : null;
  if (place?.tagName === "DT") return place.nextElementSibling.textContent;
  return (place ?? article).textContent;
};

const extract = (html, words, anchor) => {
  const text = proseOf(html, anchor).replace(/\s+/g, " ").trim();
  if (!text) return null;
  const lower = text.toLowerCase();
  const phrase = new URLSearchParams(location.search).get("q").toLowerCase().trim();
  const places = [phrase, ...words].map((word) => lower.indexOf(word.toLowerCase()));
  const found = places.find((place) => place >= 0) ?? 0;
  const before = found > EXTRACT / 3 ? text.lastIndexOf(" ", found - EXTRACT / 3) + 1 : 0;
  const shown = text.slice(before, before + EXTRACT);
  const end = before + EXTRACT < text.length ? shown.replace(/\S*$/, "…") : shown;
  const paragraph = document.createElement("p");
  paragraph.className = "context";
  paragraph.textContent = (before ? "… " : "") + end;
  return paragraph;
};

/* The index keeps terms in lower case, anchors have no spaces: "TreeSHAP" takes both. */
const spelling = (term, anchor) => {
  const spelt = anchor.replace("term-", "");
  return [...term].map((c, i) => (spelt[i]?.toLowerCase() === c ? spelt[i] : c)).join("");
};

/* Results are lists of page, title, anchor, description, score and file, the best one last. */
const improve = (query, results) => {
  const [PAGE, TITLE, ANCHOR, SCORE] = [0, 1, 2, 4];
  const sought = query.toLowerCase().trim();
  const entries = Object.entries(Search._index.indexentries);
  const explained = new Set();
  for (const result of results) {
    const anchor = result[ANCHOR].slice(1);
    const entry = entries.find(([, places]) => places.some((place) => place[1] === anchor));
    if (anchor && entry) {
      explained.add(result[PAGE]);
      result[TITLE] = `${spelling(entry[0], anchor)} (${result[TITLE].toLowerCase()})`;
    } else if (result[TITLE].toLowerCase().includes(sought)) result[SCORE] += 10;
  }
  return results
    .filter((result) => result[ANCHOR] || !explained.has(result[PAGE]))
    .sort(_orderResultsByScoreThenName);
};

document.addEventListener("DOMContentLoaded", () => {
  const field = document.querySelector(".bd-search-container input");
  if (!field) return;
  const search = Search._performSearch;
  Search._performSearch = (query, ...terms) => improve(query, search(query, ...terms));
  Search.makeSearchSummary = extract;
  field.focus();
  field.select();
});
