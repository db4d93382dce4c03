/** Values of the `X-Language` header. */
export type Language = 'zh-cn' | 'en_us';

/** Text in both languages. */
export type Text = Readonly<Record<Language, string>>;
