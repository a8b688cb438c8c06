import { findUpwards } from '../src/networks/model-files';

/** The project's folder, found from the sources and from the compiled files alike. */
export const ROOT = findUpwards(__dirname, 'package.json');
