"""Small tokenizers of three kinds, learnt from a text of our own, and the ids of the Python library for texts of many kinds."""
# python make_tokenizers.py TEXTS OUT; wants the package tokenizers.
import json,random,sys
from tokenizers import Tokenizer,models,trainers,pre_tokenizers,normalizers,decoders,AddedToken,__version__
text=["The little fox ran over the hill, and the old bear slept.","A small boat drifts on the quiet lake; nobody rows it.","Café, naïve, Ünïcode: words with marks!","Numbers such as 12, 345 and 6.78 stand here.","日本語 の 文 が ある。 Привет, мир!"]*3
def bpe():
    t=Tokenizer(models.BPE(unk_token='<unk>',byte_fallback=True,fuse_unk=True))
    t.normalizer=normalizers.Replace(' ','\u2581')
    t.decoder=decoders.Sequence([decoders.Replace('\u2581',' '),decoders.ByteFallback(),decoders.Fuse()])
    sp=['<pad>','<unk>','<s>','</s>',AddedToken('<mask>',lstrip=True,normalized=False,special=True)]+[f'<0x{i:02X}>' for i in range(256)]
    t.train_from_iterator(text,trainers.BpeTrainer(vocab_size=420,special_tokens=sp))
    j=json.loads(t.to_str()); 
    j['added_tokens']=[a for a in j['added_tokens'] if not a['content'].startswith('<0x')]
    return j
def wordpiece():
    t=Tokenizer(models.WordPiece(unk_token='[UNK]'))
    t.normalizer=normalizers.BertNormalizer(lowercase=True); t.pre_tokenizer=pre_tokenizers.BertPreTokenizer(); t.decoder=decoders.WordPiece()
    t.train_from_iterator(text,trainers.WordPieceTrainer(vocab_size=190,special_tokens=['[PAD]','[UNK]','[CLS]','[SEP]','[MASK]']))
    return json.loads(t.to_str())
def unigram():
    t=Tokenizer(models.Unigram())
    t.normalizer=normalizers.NFKC(); t.pre_tokenizer=pre_tokenizers.Metaspace(prepend_scheme='first',split=False)
    sp=['<unk>','<s>','</s>','<pad>']+[f'<0x{i:02X}>' for i in range(256)]
    t.train_from_iterator(text,trainers.UnigramTrainer(vocab_size=400,special_tokens=sp,unk_token='<unk>'))
    t.decoder=decoders.Sequence([decoders.Replace('\u2581',' '),decoders.ByteFallback(),decoders.Fuse(),decoders.Strip(' ',1,0)])
    j=json.loads(t.to_str()); j['model']['byte_fallback']=True
    n=len(j['model']['vocab'])
    j['added_tokens']=[a for a in j['added_tokens'] if not a['content'].startswith('<0x')]+[dict(id=n,content='<mask>',single_word=False,lstrip=True,rstrip=True,normalized=False,special=True)]
    j['truncation']=dict(direction='Right',max_length=6,strategy='LongestFirst',stride=0)
    return j
texts=["The little fox ran.","  two  spaces\tand a tab\nlines\n","Café naïve Ünïcode","12 345 6.78","日本語 の 文","Привет, мир!","🦊 fox 🦊","𝔘𝔫𝔦","a<mask> b","a [MASK] b","<s>the</s>","","x","don't!","“quotes” … ½ ﬁ","\u00a0nbsp\u200bzero","ÅÅ é"]
rng=random.Random(7)
alphabet=list("abcdefghijklmnop qrstuvwxyz  .,;!?'-0123456789éüñ日本語мир🦊½ﬁ\n\t")
for _ in range(int(sys.argv[1]) if len(sys.argv)>1 else 40):
    texts.append(''.join(rng.choice(alphabet) for _ in range(rng.randint(1,24))))
out={'source':f'Hugging Face tokenizers {__version__} (Python), add_special_tokens=False','texts':texts,'tokenizers':{}}
for name,make in (('bpe',bpe),('wordpiece',wordpiece),('unigram',unigram)):
    j=make(); t=Tokenizer.from_str(json.dumps(j)); t.no_truncation(); t.no_padding()
    enc=[t.encode(x,add_special_tokens=False).ids for x in texts]
    out['tokenizers'][name]={'json':j,'ids':enc,'decoded':[t.decode(i,skip_special_tokens=False) for i in enc]}
json.dump(out,open(sys.argv[2],'w'),ensure_ascii=True)
for n,t in out['tokenizers'].items(): print(n,len(json.dumps(t['json'])),len(json.dumps(t)))
