// htmx without the power to run code from an attribute: `hx-on`, `hx-vals="js:…"` and filters
// throw instead. The pages' content security policy forbids it too; here it is not even tried.
import htmx from 'htmx.org/dist/htmx.esm.js';

function refuse() {
  throw new Error('Arshjul runs no code from attributes.');
}

htmx.registerExtension('arshjul-no-code', {
  init: ({ initSecurity }) => initSecurity(null, refuse, refuse),
});
htmx.config.includeIndicatorCSS = false;

export default htmx;
