// Colours for code: comments, texts and words a language has of its own. Enough to find one's way, and no library.
const WORDS =
  'import|export|from|const|let|await|async|return|new|if|else|for|of|function|class|throw|try|catch|true|false|null|undefined';
const TEXT = String.raw`"""[\s\S]*?"""|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'`;

const LANGUAGES = new Map([
  ['js', rule(String.raw`(?<![:'"])\/\/[^\n]*|\/\*[\s\S]*?\*\/`, `${TEXT}|\`[^\`]*\``, String.raw`\b(?:${WORDS})\b`)],
  ['toml', rule('#[^\\n]*', TEXT, String.raw`^\s*\[\[?[^\]\n]+\]\]?|\b(?:true|false)\b`)],
  ['sh', rule('(?<=^|\\s)#[^\\n]*', TEXT, String.raw`^(?:curl|npm|npx|node|export|docker|nexus)\b`)],
  ['http', rule('^data: ', TEXT, String.raw`^[\w-]+(?=: )|^HTTP\/1\.1 \d+`)],
]);
LANGUAGES.set('ts', LANGUAGES.get('js')).set('mjs', LANGUAGES.get('js')).set('json', LANGUAGES.get('http'));
LANGUAGES.set('yaml', rule('#[^\\n]*', TEXT, String.raw`^\s*(?:- )?[\w-]+(?=:)`));

function rule(comment, text, word) {
  return new RegExp(`(?<text>${text})|(?<comment>${comment})|(?<word>${word})`, 'gm');
}

/** HTML of a piece of code. */
export function highlight(code, language) {
  const pattern = LANGUAGES.get(language);
  if (pattern === undefined) return escapeHtml(code);
  let html = '';
  let end = 0;
  for (const { 0: found, index, groups } of code.matchAll(pattern)) {
    const kind = groups.text !== undefined ? 's' : groups.comment !== undefined ? 'c' : 'k';
    html += `${escapeHtml(code.slice(end, index))}<span class="${kind}">${escapeHtml(found)}</span>`;
    end = index + found.length;
  }
  return html + escapeHtml(code.slice(end));
}

export function escapeHtml(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
