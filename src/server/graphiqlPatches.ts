/** GraphiQL reads the name of the operation from the editor 100 ms after a tab was chosen, and a busy page later. */
const settleMs = 300;

/**
 * Workarounds for two bugs of GraphiQL 5, as a script for the head of its page.
 *
 * - While the page loads, an animation moves the tabs: pressing one ends the animation, and the release misses it. The script
 *   disables dragging.
 * - An operation run right after its tab was selected is sent with the operation name of the previous tab. The script delays it.
 */
export const patches = `
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
