/** Encodings as people's files have them. Inputs are our own; what was reported: Windows Notepad's ANSI and "Unicode". */
import { describe, expect, test } from 'vitest';
import { encoded, read, utf8, utf16 } from '../testing/files.ts';

const SENTENCES = {
  chinese: '从前有一只小狐狸，它住在山上的树林里。每天早上它都会去河边喝水。',
  traditional: '從前有一隻小狐狸，牠住在山上的樹林裡。每天早上牠都會去河邊喝水。',
  japanese: '昔、山の森に小さな狐が住んでいました。毎朝、狐は川へ水を飲みに行きました。',
  korean: '옛날 산 위의 숲속에 작은 여우가 살고 있었습니다. 매일 아침 여우는 강가로 물을 마시러 갔습니다.',
  german: 'Fünf hübsche Mädchen lächelten. „Der größte Bär“ aß Käse – und schwieg.',
  french: 'Le garçon a été très étonné de voir l’été revenir, n’est-ce pas ? Ça suffit.',
  spanish: 'El niño comió la manzana por la mañana. ¿Qué pasó después?',
  polish: 'Dziewczynka miała małego kotka i była szczęśliwa. Źdźbło trawy, żółta łąka.',
  russian: 'Жила-была маленькая лиса. Она жила в лесу на горе и каждое утро ходила к реке.',
  greek: 'Μια φορά κι έναν καιρό ήταν μια μικρή αλεπού που ζούσε στο δάσος.',
  turkish: 'Küçük kız ağaca çıktı, güneş doğuyordu. İstanbul çok güzel bir şehir.',
  czech: 'Příliš žluťoučký kůň úpěl ďábelské ódy. Malá liška žila v lese.',
  hungarian: 'A kis róka az erdőben élt, és minden reggel vizet inni ment a folyóhoz. Hűvös idő volt.',
  thai: 'กาลครั้งหนึ่งมีสุนัขจิ้งจอกตัวน้อย อาศัยอยู่ในป่าบนภูเขา',
  hebrew: 'היה היה פעם שועל קטן שגר ביער על ההר וכל יום הלך לנהר.',
  ukrainian: 'Одного разу їжак пішов до лісу, щоб знайти грибів і ягід.',
  katakana: 'ﾊﾝｶｸｶﾅﾓｼﾞﾃﾞｽ｡ ｿﾚﾀﾞｹﾃﾞｽ｡',
};

describe('an old encoding is recognised, read, and said', () => {
  test.each<[string, keyof typeof SENTENCES, RegExp]>([
    ['gb18030', 'chinese', /GB18030/],
    ['big5', 'traditional', /Big5/],
    ['shift_jis', 'japanese', /Shift-JIS/],
    ['euc-jp', 'japanese', /EUC-JP/],
    ['euc-kr', 'korean', /EUC-KR/],
    ['windows-1252', 'german', /Windows-1252/],
    ['windows-1252', 'french', /Windows-1252/],
    ['windows-1252', 'spanish', /Windows-1252/],
    ['windows-1250', 'polish', /windows-1250/],
    ['windows-1251', 'russian', /windows-1251/],
    ['koi8-r', 'russian', /koi8-r/],
    ['ibm866', 'russian', /IBM 866/],
    ['macintosh', 'german', /Mac OS Roman/],
    ['macintosh', 'french', /Mac OS Roman/],
    ['iso-8859-2', 'polish', /ISO-8859-2/],
    ['iso-8859-2', 'czech', /ISO-8859-2/],
    ['windows-1250', 'czech', /windows-1250/],
    ['windows-1250', 'hungarian', /windows-1250/],
    ['windows-1254', 'turkish', /windows-1254/],
    ['windows-874', 'thai', /windows-874/],
    ['shift_jis', 'katakana', /Shift-JIS/],
    ['windows-1255', 'hebrew', /windows-1255|iso-8859-8/],
    ['koi8-u', 'ukrainian', /koi8-u/],
    ['x-mac-cyrillic', 'russian', /Mac OS Cyrillic/],
    ['windows-1253', 'greek', /iso-8859-7|windows-1253/],
  ])('%s, %s', async (encoding, language, name) => {
    const sentence = SENTENCES[language];
    for (const text of [sentence, new Array(300).fill(sentence).join('\n')]) {
      const { texts, notes } = await read('a.txt', encoded(text, encoding));
      expect(texts.join('')).toBe(text);
      expect(notes).toEqual([expect.stringMatching(name)]);
    }
  });

  test.each([
    [
      'DOS',
      '4c6520676172876f6e2082746169742064826a85206c852c20852063937482206465206c612066656e887472652e',
      'Le garçon était déjà là, à côté de la fenêtre.',
      /IBM 850/,
    ],
    [
      'four bytes of GB18030',
      '9534b235d2b0bcd2b5c4c0cfb0e5badcb8dfd0cb9439fc36a3acbdf1ccecb5c4bfcdc8cbbadcb6e0a1a3',
      '𠮷野家的老板很高兴😀，今天的客人很多。',
      /GB18030/,
    ],
  ])('%s', async (_, hex, text, name) => {
    const { texts, notes } = await read('a.txt', Uint8Array.from(Buffer.from(hex, 'hex')));
    expect(texts).toEqual([text]);
    expect(notes).toEqual([expect.stringMatching(name)]);
  });

  test('quotation marks and dashes of a Macintosh', async () => {
    const bytes = Uint8Array.from(Buffer.from('He said \xd2it\xd5s fine\xd3 \xd1 and left.', 'latin1'));
    expect((await read('a.txt', bytes)).texts).toEqual(['He said “it’s fine” — and left.']);
  });

  test.each([
    ['HZ', 'One ~{<:Ky2;S{~} and ~{NpJ)l6HK~}.'],
    ['UTF-7', 'L+AOA le gar+AOc-on +AOk-tait d+AOk-j+AOA-, +AOk-tonn+AOk-.'],
    ['ISO-2022-KR', '\x1b$)C\x0e1[\x0f is a word.'],
  ])('seven bits that are not read: %s', async (name, text) => {
    await expect(read('a.txt', text)).rejects.toMatchObject({
      code: 'data',
      message: expect.stringContaining(`written in ${name}, which is not read`),
    });
  });

  test('a mark that is not true', async () => {
    const chinese = encoded(SENTENCES.chinese, 'gb18030');
    expect((await read('a.txt', Uint8Array.of(0xef, 0xbb, 0xbf, ...chinese))).texts).toEqual([SENTENCES.chinese]);
    expect((await read('a.txt', Uint8Array.of(0xff, 0xfe, ...utf8(SENTENCES.french)))).texts).toEqual([
      SENTENCES.french,
    ]);
  });

  test('some lines of a file in UTF-8 are in another encoding', async () => {
    const lines = new Array(10).fill(`${SENTENCES.french}\n`).join('');
    const { texts, notes } = await read(
      'a.txt',
      Uint8Array.of(...utf8(lines), ...encoded(SENTENCES.german, 'windows-1252')),
    );
    expect(texts.join('')).toBe(lines + SENTENCES.german);
    expect(notes).toEqual([expect.stringMatching(/Of the lines of a.txt 1 are written in Windows-1252/)]);
  });

  test('what is written in none that is known is called that, and not binary', async () => {
    // Korean in Johab, which no browser reads.
    const johab = Buffer.from('ae9cada2b54120b862b76520b561b681886120ac6989a120b7b6b4f6af7393a194612e', 'hex');
    await expect(read('a.txt', Uint8Array.from(johab))).rejects.toMatchObject({
      code: 'data',
      message: expect.stringMatching(/encoding that is not recognised/),
    });
  });

  test('in a long English text a few accents or curly quotes are enough', async () => {
    const text = `${'The cat sat on the mat, and nobody minded. '.repeat(200)}“So it was,” the café’s owner said.`;
    const { texts, notes } = await read('a.txt', encoded(text, 'windows-1252'));
    expect(texts.join('')).toBe(text);
    expect(notes).toEqual([expect.stringMatching(/Windows-1252/)]);
  });

  test.each([
    ['gb18030', '北京市', /GB18030/],
    ['gb18030', '张三和李四去了上海的学校', /GB18030/],
    ['big5', '臺灣的小鎮很安靜', /Big5/],
    ['shift_jis', '東京タワーにのぼりました', /Shift-JIS/],
    ['shift_jis', '東京', /Shift-JIS/],
    ['shift_jis', 'テスト', /Shift-JIS/],
    ['macintosh', 'Étude', /Mac OS Roman/],
    ['windows-1252', 'Übung', /Windows-1252/],
    ['euc-jp', 'とうきょうタワー', /EUC-JP/],
    ['euc-kr', '서울에 사는 사람', /EUC-KR/],
    ['windows-1251', 'Москва', /windows-1251/],
    ['koi8-r', 'Москва', /koi8-r/],
    ['windows-1252', 'São Paulo', /Windows-1252/],
    ['windows-1252', '“Köln”', /Windows-1252/],
  ])('a few words of it in an English text: %s, %s', async (encoding, word, name) => {
    const sentence = `The old fox went over the hill, again and again, to the town of ${word}.\n`;
    for (const text of [sentence, sentence.repeat(30)]) {
      const { texts, notes } = await read('a.txt', encoded(text, encoding));
      expect(texts.join('')).toBe(text);
      expect(notes).toEqual([expect.stringMatching(name)]);
    }
  });

  test.each([
    [false, false],
    [false, true],
    [true, false],
    [true, true],
  ])('UTF-16, big-endian %s, with a mark %s', async (big, mark) => {
    const vietnamese = 'Ngày xưa có một cậu bé sống trong ngôi nhà nhỏ gần rừng.';
    const texts = [
      'Once a fox lived in a wood.\nIt was small.',
      'A fox 🦊 ran',
      vietnamese,
      SENTENCES.thai,
      SENTENCES.hebrew,
    ];
    for (const text of [...texts, SENTENCES.chinese, SENTENCES.korean]) {
      const { texts, notes } = await read('a.txt', utf16(text, { big, mark }));
      expect(texts.join('')).toBe(text);
      expect(notes).toEqual([expect.stringMatching(/UTF-16/)]);
    }
  });

  test.each([
    [false, false],
    [false, true],
    [true, true],
  ])('UTF-8 before, after and between UTF-16, big-endian %s, with a mark %s', async (big, mark) => {
    const { german, chinese, japanese, korean } = SENTENCES;
    const english = 'It was a small fox, and it lived in a wood.';
    for (const first of [english, german, chinese, japanese, korean]) {
      for (const second of [english, german, chinese, japanese, korean]) {
        const [narrow, wide] = [utf8(`${first}\n`), utf16(`${second}\n`, { big, mark })];
        const [one, two] = [`${first}\n`, `${second}\n`];
        for (const [text, ...parts] of [
          [one + two, narrow, wide],
          [two + one, wide, narrow],
          [two + one + two, wide, narrow, wide],
        ] as const) {
          const { texts, notes } = await read('a.txt', Uint8Array.from(parts.flatMap((part) => [...part])));
          expect(texts.join('')).toBe(text);
          expect(notes).toEqual([expect.stringMatching(/Of the lines of a.txt [12] are written in UTF-16/)]);
        }
      }
    }
  });

  test('a zero or two in UTF-8, and zeros of other files, are no UTF-16', async () => {
    const text = 'One line of words.\nAnother\0 line of words.\nThe last of these lines.\n';
    const { texts, notes } = await read('a.txt', text.repeat(3));
    expect(texts.join('')).toBe(text.replace('\0', '').repeat(3));
    expect(notes).toEqual([expect.stringMatching(/3 control characters/)]);
    const numbers = `${'1234567,7654321;'.repeat(20)}\n`.repeat(20_000);
    await expect(read('a.txt', `${numbers}\0${numbers}`)).resolves.toMatchObject({ notes: [/U\+0000/] });
  });

  test('seven bits of Japanese mail', async () => {
    const bytes = Uint8Array.from([0x1b, 0x24, 0x42, 0x46, 0x7c, 0x4b, 0x5c, 0x38, 0x6c, 0x1b, 0x28, 0x42, 0x0a, 0x61]);
    expect(await read('a.txt', bytes)).toMatchObject({
      texts: ['日本語\na'],
      notes: [expect.stringMatching(/ISO-2022-JP/)],
    });
  });

  test('in tables and JSON lines, too', async () => {
    const rows = [SENTENCES.chinese, SENTENCES.chinese.slice(3)];
    const csv = encoded(`编号,内容\r\n1,${rows[0]}\r\n2,${rows[1]}\r\n`, 'gb18030');
    expect(await read('a.csv', csv)).toMatchObject({ texts: rows.map((row) => `${row}\n`), column: '内容' });
    const jsonl = utf16(rows.map((text) => JSON.stringify({ id: 'a', text })).join('\r\n'), { mark: true });
    expect(await read('a.jsonl', jsonl)).toMatchObject({ texts: rows.map((row) => `${row}\n`), column: 'text' });
    const json = encoded(JSON.stringify(rows), 'gb18030');
    expect((await read('a.json', json)).texts).toHaveLength(2);
  });

  test.each([
    ['euc-kr', '서울 한국 안녕 사람 이름 제목 학교 오늘 여우 바다 봄 김 네'],
    ['gb18030', '中国 北京 你好 今天 我 人 书 狐狸 老师 第一章 内容 大家好'],
    ['shift_jis', '日本 東京 こんにちは テスト 学校 名前 今日'],
    ['big5', '台灣 你好 學校 書'],
  ])('one word of %s', async (encoding, words) => {
    for (const word of words.split(' ')) expect((await read('a.txt', encoded(word, encoding))).texts).toEqual([word]);
  });

  test('Korean of Windows, with syllables that EUC-KR has not', async () => {
    // 똠방각하와 펲시콜라를 파는 가게에 햏이 왔다.
    const hex = '8c63b9e6b0a2c7cfbfcd20bc84bdc3c4ddb6f3b8a620c6c4b4c220b0a1b0d4bfa120c164c0cc20bfd4b4d92e';
    const { texts, notes } = await read('a.txt', Uint8Array.from(Buffer.from(hex, 'hex')));
    expect(texts).toEqual(['똠방각하와 펲시콜라를 파는 가게에 햏이 왔다.']);
    expect(notes).toEqual([expect.stringMatching(/EUC-KR/)]);
  });

  test('UTF-8 with a mark is nothing to speak of', async () => {
    expect((await read('a.txt', '\ufeff\ufeffA fox.\n\n\ufeffA hen.')).texts.join('')).toBe('A fox.\n\nA hen.');
    expect(await read('a.txt', `\ufeff${SENTENCES.german}`)).toMatchObject({ texts: [SENTENCES.german], notes: [] });
  });
});

describe('a little damage is read around, and said', () => {
  test.each<[string, Uint8Array<ArrayBuffer>, string]>([
    ['at its end, in Chinese', utf8(SENTENCES.chinese).slice(0, -2), SENTENCES.chinese.slice(0, -1)],
    ['at its end, in English, in a curly quote', utf8('He said “yes”').slice(0, -1), 'He said “yes'],
    ['at its end, the only long character', utf8('He said yes…').slice(0, -1), 'He said yes'],
    ['at its beginning', utf8(SENTENCES.chinese).slice(1), SENTENCES.chinese.slice(1)],
    ['at its end, in GB18030', encoded(SENTENCES.chinese, 'gb18030').slice(0, -1), SENTENCES.chinese.slice(0, -1)],
    ['at its beginning, in GB18030', encoded(SENTENCES.chinese, 'gb18030').slice(1), SENTENCES.chinese.slice(1)],
    ['at its beginning, in EUC-JP', encoded(SENTENCES.japanese, 'euc-jp').slice(1), SENTENCES.japanese.slice(1)],
    ['at its beginning, in UTF-16', utf16(SENTENCES.german, { big: true }).slice(1), SENTENCES.german.slice(1)],
    ['at its end, in UTF-16', utf16(SENTENCES.chinese, { mark: true }).slice(0, -1), SENTENCES.chinese.slice(0, -1)],
  ])('a file cut in the middle of a character: %s', async (_, bytes, text) => {
    const { texts, notes } = await read('a.txt', bytes);
    expect(texts.join('')).toBe(text);
    expect(notes.at(-1)).toMatch(/cut in the middle of a character/);
  });

  test('a few wrong bytes among many right characters', async () => {
    const bytes = utf8(SENTENCES.chinese.repeat(20));
    bytes[300] = 0xff;
    const { texts, notes } = await read('a.txt', bytes);
    expect(texts.join('').length).toBeGreaterThan(20 * SENTENCES.chinese.length - 3);
    expect(notes).toEqual([expect.stringMatching(/^\d places in a.txt are no UTF-8/)]);
  });

  test.each([
    ['the end mark of DOS', 'One line.\nAnother line.\n\x1a', 'One line.\nAnother line.\n', /line 3 .*\(U\+001A\)/],
    [
      'the rest of a block',
      `One line.\nAnother line.\n\x1a${'\0'.repeat(200)}`,
      'One line.\nAnother line.\n',
      /201 control/,
    ],
    [
      'where a PDF had a hyphen',
      'A long\nhy\x02phen and more words.',
      'A long\nhyphen and more words.',
      /line 2 .*U\+0002/,
    ],
    ['a hyphen in each line', 'A long hy\x02phen here.\n'.repeat(9), 'A long hyphen here.\n'.repeat(9), /9 control/],
    ['a backspace', 'A long typ\be of words, and more.', 'A long type of words, and more.', /U\+0008/],
  ])('a control character: %s', async (_, text, kept, says) => {
    const { texts, notes } = await read('a.txt', text);
    expect(texts.join('')).toBe(kept);
    expect(notes).toEqual([expect.stringMatching(says)]);
  });
});

describe('what is no text is called what it is', () => {
  test.each([[0x80, 0xc3, 0xff], [0x8e, 0xff, 0xc3], [0xe4]])(
    'a few bytes that may be anything: %i %i %i',
    async (...bytes) => {
      const given = Uint8Array.from(bytes.filter((byte) => byte !== undefined));
      const outcome = await read('a.txt', given).then(
        () => 'read',
        ({ code }) => code,
      );
      expect(['read', 'data']).toContain(outcome);
    },
  );

  test.each<[string, Uint8Array<ArrayBuffer>, RegExp]>([
    ['empty', utf8(''), /is empty/],
    ['white space', utf8(' \n\n '), /only white space/],
    ['control characters', Uint8Array.of(0, 1, 2, 3, 0, 0, 9, 9), /binary data/],
    ['an image', Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0, 0, 13), /format PNG/],
    ['a document of Word', Uint8Array.of(0x50, 0x4b, 3, 4, 20, 0, 8, 0), /format ZIP/],
    ['a PDF', utf8('%PDF-1.7\nobj'), /format PDF/],
    ['Parquet under another name', utf8('PAR1....'), /format Parquet/],
    ['a pointer', utf8('version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 7\n'), /pointer of Git LFS/],
    ['UTF-32', Uint8Array.of(0xff, 0xfe, 0, 0, 65, 0, 0, 0), /UTF-32/],
    ['high noise', Uint8Array.from({ length: 500 }, (_, i) => 128 + ((i * 97) % 128)), /binary/],
    [
      'noise',
      Uint8Array.from({ length: 5000 }, (_, i) => (i * i * 31 + (i >> 3) * 7 + ((i * 2654435761) >>> 13)) & 255),
      /binary/,
    ],
  ])('%s', async (_, bytes, words) => {
    await expect(read('a.txt', bytes)).rejects.toMatchObject({ code: 'data', message: words, file: 'a.txt' });
  });
});
