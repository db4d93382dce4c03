/** Values of the `X-Language` header. */
export type Language = 'zh-cn' | 'en_us';

/** A text in both languages of the service. */
export type Text = Readonly<Record<Language, string>>;
