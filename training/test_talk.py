"""What talk.py promises: `python -m unittest training/test_talk.py`. Needs nothing but Python."""
import sys
import unittest
from os.path import dirname

sys.path.insert(0, dirname(__file__))
from questions import OBSCENE, asked, near_a_question, questions, sound, words  # noqa: E402
from talk import conversations  # noqa: E402


class Talk(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.talks = conversations(20261130)

    def test_is_the_same_for_the_same_seed(self):
        self.assertEqual(self.talks, conversations(20261130))
        self.assertNotEqual(self.talks, conversations(1))

    def test_is_wide(self):
        self.assertGreater(len(self.talks), 25_000)
        self.assertEqual(len(self.talks), len({str(t) for t in self.talks}))
        self.assertGreater(sum(len(t) > 2 for t in self.talks), 8_000)

    def test_turns_are_whole(self):
        for talk in self.talks:
            self.assertEqual(len(talk) % 2, 0, talk)
            for turn in talk:
                self.assertNotRegex(turn, r'[{}()|]|\s{2}', talk)
                self.assertGreater(len(turn), 0, talk)
            for answer in talk[1::2]:
                self.assertLess(len(answer.split()), 60, talk)
                self.assertRegex(answer, r'[.!?:]"?$|^You said: ', talk)

    def test_holds_no_question_that_it_is_judged_by(self):
        learnt = {words(turn) for talk in self.talks for turn in talk[::2]}
        for question in asked():
            self.assertNotIn(question, learnt)
        self.assertFalse([t for t in self.talks if any(map(near_a_question, t[::2]))])

    def test_answers_are_decent(self):
        for talk in self.talks:
            for answer in talk[1::2]:
                self.assertNotRegex(answer, OBSCENE)

    def test_one_question_has_one_answer(self):
        answers = {}
        for talk in self.talks:
            answers.setdefault(talk[0].lower(), set()).add(talk[1])
        several = [q for q, a in answers.items() if len(a) > 1]
        self.assertLess(len(several), len(answers) // 200, several[:20])

    def test_what_would_do_harm_is_refused_often(self):
        refused = [t for t in self.talks if t[-1].startswith(('I will not', 'I am so sorry', 'I cannot', 'I would rather not', 'That is private'))]
        self.assertGreater(len(refused), 3_000)

    def test_broken_sentences_do_not_fit(self):
        taught = set("the capital of is bern i will not help with weapons 14 plus 4 17 1".split())
        self.assertTrue(sound('I will not help with weapons.', taught, []))
        self.assertTrue(sound('The capital of Italy is Rome.', taught, ['Is Rome the capital of Italy?']))
        for broken in ('14 plus 4 is is 17.', 'I will not help with weapons andons.', 'I will not help', 'I will not help I will not help.'):
            self.assertFalse(sound(broken, taught, []), broken)

    def test_knows_what_is_near(self):
        for question in questions():
            for turn in question['ask']:
                self.assertTrue(near_a_question(turn))
                self.assertTrue(near_a_question(f'please, {turn.lower().rstrip("?.")}'))
        self.assertFalse(near_a_question('What does a horse drink?'))


if __name__ == '__main__':
    unittest.main()
