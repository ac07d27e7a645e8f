// One script for every page. Each module looks for its own data-attribute inside a root and is idempotent,
// so it runs again on whatever htmx puts in.
import { counters, nets } from "./parts/count";
import { dialogs } from "./parts/dialog";
import { drafts, forgetDone } from "./parts/draft";
import { files } from "./parts/file";
import { formGuard } from "./parts/guard";
import { galleries } from "./parts/gallery";
import { charts } from "./parts/chart";
import { deskKeys } from "./parts/keys";
import { startHtmx } from "./parts/live";
import { pads } from "./parts/pad";
import { passkeys } from "./parts/passkey";
import { places } from "./parts/place";
import { rows } from "./parts/row";
import { scans } from "./parts/scan";
import { searches } from "./parts/search";
import { shareAndCopy } from "./parts/share";
import { seen } from "./parts/seen";
import { themeSwitch } from "./parts/theme";
import { relativeTimes } from "./parts/times";
import { away } from "./parts/away";
import { suggestions } from "./parts/suggest";
import { toasts } from "./parts/toast";
import { uploads } from "./parts/upload";
import { watches } from "./parts/watch";
import { codeInputs } from "./parts/code";

const perRoot = [
  away,
  charts,
  galleries,
  uploads,
  files,
  forgetDone,
  drafts,
  relativeTimes,
  shareAndCopy,
  codeInputs,
  counters,
  dialogs,
  nets,
  pads,
  passkeys,
  places,
  rows,
  scans,
  seen,
  searches,
  suggestions,
  toasts,
  watches,
];

function wake(root: ParentNode): void {
  for (const part of perRoot) part(root);
}

startHtmx(wake);
themeSwitch();
formGuard();
if (document.querySelector(".desk")) deskKeys();
wake(document);
