import type { Language } from '../graphql/context.ts';

/** The first language of `Accept-Language` (RFC 9110, 12.5.4) that the service has texts in. */
export function languageOf(acceptLanguage: string | null, otherwise: Language): Language {
  const ranges = (acceptLanguage ?? '')
    .split(',')
    .map((range) => {
      const [tag = '', quality = 'q=1'] = range.split(';').map((part) => part.trim());
      return { tag: tag.toLowerCase(), quality: Number(quality.replace(/^q=/, '')) || 0 };
    })
    .filter(({ quality }) => quality > 0)
    .sort((one, other) => other.quality - one.quality);
  const first = ranges.find(({ tag }) => /^(zh|en)\b/.test(tag));
  if (first === undefined) return otherwise;
  return first.tag.startsWith('zh') ? 'zh-cn' : 'en_us';
}
