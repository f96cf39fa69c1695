// Leaves of the requirements what its reader asks for. Without it the page shows all of them.
"use strict";
(() => {
  const form = document.getElementById("filter");
  const said = document.getElementById("filtered");
  const articles = Array.from(document.querySelectorAll("article.requirement"));
  const parts = Array.from(document.querySelectorAll("section.part"));
  const texts = new Map();
  const textOf = (article) => {
    if (!texts.has(article)) texts.set(article, article.textContent.toLowerCase());
    return texts.get(article);
  };
  const field = (name) => form.elements.namedItem(name).value;
  const show = () => {
    const verdict = field("verdict"), client = field("client"), section = field("section");
    const words = field("words").toLowerCase().split(/\s+/).filter((word) => word !== "");
    let n = 0;
    for (const article of articles) {
      const fits = (verdict === "" || article.dataset.verdict === verdict) &&
        (client === "" || article.dataset.clients.split(" ").includes(client)) &&
        (section === "" || article.parentElement.dataset.section === section) &&
        words.every((word) => textOf(article).includes(word));
      article.hidden = !fits;
      if (fits) n++;
    }
    for (const part of parts) part.hidden = !part.querySelector("article.requirement:not([hidden])");
    said.textContent = n === articles.length ? "" : n + " of " + articles.length + " requirements are shown";
  };
  form.addEventListener("input", show);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(show));
  // A link to what is not shown shows it.
  const arrive = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target && target.closest("[hidden]")) {
      form.reset();
      setTimeout(() => target.scrollIntoView());
    }
  };
  addEventListener("hashchange", arrive);
  form.hidden = false;
  show();
})();
