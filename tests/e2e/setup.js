// Serves the page for as long as the tests run: at the root of one host, and in a folder of another,
// because the page must work from any folder.
import { load, serve } from './serve.js';

export default async function setup() {
  const files = await load();
  const root = await serve(files);
  const folder = await serve(files, { under: '/some/folder/' });
  process.env.LANESCOPE_SITE = root.url;
  process.env.LANESCOPE_SITE_IN_FOLDER = folder.url;
  return () => {
    for (const { server } of [root, folder]) {
      server.closeAllConnections();
      server.close();
    }
  };
}
