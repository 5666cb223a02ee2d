/**
 * Which of several encodings a few words of Chinese, Japanese or Korean are in: by how many of their signs are among the
 * commonest of the language. Frequencies of bytes, which tell long texts apart, say nothing of two or three signs.
 */

/** The commonest signs, about those that make up four fifths of a text, in no order. */
const COMMONEST: readonly (readonly [encoding: string, signs: string])[] = [
  [
    'gb18030',
    '的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种事成方多经么去' +
      '法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日军者意无力它与长把机十民第公此已工使情明性知全三又关点' +
      '正业外将两高间由问很最重并物手应战向头文体政美相见被利什二等产或新己制身果加西斯月话合回特代内信表化老给世位次度门任常先海通教儿' +
      '原东声提立及比员解水名真论处走义各入几口认条平系气题活尔更别打女变四神总何电数安少报才结反受目太量再感建务做接必场件计管期市直德' +
      '资命山金指克许统区保至队形社便空决治展马科司五基眼书非则听白却界达光放强即像难且权思王象完设式色路记南品住告类求据程北边死张该交' +
      '规万取拉望觉术领共确传师观清今切院让识候带导争运笔京银前言狐狸猫狗鸟鱼花树草河湖城村街店车船飞家爱喜欢谢请吃喝睡跑笑哭早晚春' +
      '夏秋冬红黄蓝绿黑朋友爸妈哥姐弟妹孩课考试校班章节目录标说明序号李赵孙周吴郑刘陈杨苹果脑网站词句字段页图片音乐视频游戏新闻编内容简介' +
      '您吗呢吧每早夜阳雨雪风云星',
  ],
  [
    'euc-kr',
    '이다는가에을의하고지로도은한를자사어나기리들니인그시수게아서정대라스일부있해전보제국상구것만과여원면주안으했성무오신없음말경조거동비' +
      '우마요장소문관미생학위야와러세당적때실화공유선저모방물중산입연내할되데려든님습드진개계교치각분두었았던및등차회용민재행금간발호직불결' +
      '외영새초파통트양군남심후같또집길본달단감르김박최임월년명름람날늘엄빠친먹봄겨울책밥눈꿈꽃별늘바강나무울좋싫랑행복네예옛살왕머니버터' +
      '체크카타키토티포피히허현효휴희흰힘활황황홍형험향한함합항녀노농놀높누느능답덕돈돌된둘뒤따떤또라락래략량력련령례록료루류률린림립맛맞' +
      '매맥멀멋메며모목몸못묘문민밀밖반받발밝배백번벌범법벽변병복볼북분빛뿐삼색석설섬섭성셋속손송쇠순술숨쉬식싸쓰씨씩악알암앞애액약언얼업' +
      '에역열엽영예온올완왜욕운웃워월웨윤율은을읽잃잔잘잠잡저절점접젊족존종좌죄줄즐증질짐짜째쪽찬참창채처천철첫청촌총추축출충취층칠침코쾌' +
      '큰탁탄태택터테토투특틀판팔패편평폐폭표품풍필학합해핵햇혀혁혼홀확환획횡견겁검격견결겸경곡곤골곰괴굴권귀규균극근글급긴길깊까깨꺼껴꼭' +
      '끝낌난녕냄넘넣녁논눈목쓴씀림표찌추',
  ],
  [
    'shift_jis',
    'のにはをたがでてとしれさあいうえおかきくけこすせそちつなぬねひふへほまみむめもやゆよらりるろわんっゃゅょだじどばびぶべぼぱぴぷぺぽげござぜぞぎぐずづ' +
      'アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワンッャュョガギグゲゴザジズゼゾダデドバビブベボパピプペポー、。「」' +
      '日一国会人年大十二本中長出三同時政事自行社見月分議後前民生連五発間対上部東者党地合市業内相方四定今回新場金員九入選立開手米力学問高代明実円関決子' +
      '動京全目表戦経通外最言氏現理調体化田当八六約主題下首意法来作性的要用制治度務強気小七成期公野協取都和統以機平総加山思家話世受区領多県続進正安設' +
      '京都駅水火木土私彼女男山川海空森犬猫狐昔朝夜春夏秋冬花雪雨風',
  ],
  [
    'big5',
    '的一是不了在人有我他這個們中來上大為和國地到以說時要就出會可也你對生能而子那得於著下自之年過發後作裡用道行所然家種事成方多經麼去法學如' +
      '都同現當沒動面起看定天分還進好小部其些主樣理心她本前開但因只從想實日軍者意無力它與長把機十民第公此已工使情明性知全三又關點正業外將兩高' +
      '間由問很最重並物手應戰向頭文體政美相見被利什二等產或新己制身果加西斯月話合回特代內信表化老給世位次度門任常先海通教兒原東聲提立及比員解' +
      '水名真論處走義各入幾口認條平系氣題活臺灣灣台北狐狸貓狗書學校老師謝請朋友愛喜歡早晚春夏秋冬山河樹花鎮城',
  ],
];

/** Signs that this is asked about at most; more of them are told by their frequencies. */
const FEW_SIGNS = 12;

/** `read` decodes, or gives undefined where bytes are none of an encoding. */
export function byCommonest(read: (encoding: string) => string | undefined): string | undefined {
  const counted = COMMONEST.flatMap(([encoding, signs]) => {
    const high = read(encoding)?.match(/[^\s\0-\x7f]/gu) ?? [];
    if (high.length === 0 || high.length > FEW_SIGNS) return [];
    return [{ encoding, share: high.filter((sign) => signs.includes(sign)).length / high.length }];
  }).toSorted((a, b) => b.share - a.share);
  const [best, next] = counted;
  if (best === undefined || best.share <= 0.5 || best.share === next?.share) return undefined;
  return best.encoding;
}
