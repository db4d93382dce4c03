/** GraphiQL reads the name of the operation from the editor 100 ms after a tab was chosen, and a busy page later. */
const settleMs = 300;

/**
 * Mends of GraphiQL 5, for the head of its page.
 *
 * - Tabs can be dragged. While the page is new an animation still moves them: a press ends it, the tab jumps to its place, and
 *   the release misses the button. Here tabs stay where they are.
 * - What is run right after a tab was chosen carries the name of the operation before, and is refused in the page. Here it
 *   waits until the tab has settled.
 */
export const mends = `
<style>.graphiql-tab { transform: none !important; }</style>
<script>
  {
    let chosenAtMs = -Infinity;
    const wait = (event) => {
      const leftMs = chosenAtMs + ${settleMs} - performance.now();
      if (leftMs <= 0) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      setTimeout(() => document.querySelector('.graphiql-execute-button')?.click(), leftMs);
    };
    const isIn = ({ target }, selector) => target instanceof Element && target.closest(selector) !== null;
    addEventListener('click', (event) => {
      if (isIn(event, '.graphiql-tab')) chosenAtMs = performance.now();
      else if (isIn(event, '.graphiql-execute-button')) wait(event);
    }, true);
    addEventListener('keydown', (event) => {
      if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) wait(event);
    }, true);
  }
</script>`;
