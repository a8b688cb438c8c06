export { CHROMIUM_REASON, hasChromium, launchChromium } from '../../bench/chromium';
