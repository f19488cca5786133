// Unpack the Chromium of the npm package into TMPDIR; chromium.py sets it.
import { inflate } from '@sparticuz/chromium';

const packed = new URL('./node_modules/@sparticuz/chromium/bin/', import.meta.url).pathname;
for (const name of ['al2023.tar.br', 'fonts.tar.br', 'chromium.br']) await inflate(packed + name);
