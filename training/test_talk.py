"""What talk.py promises: `python -m unittest training/test_talk.py`. Needs nothing but Python."""
import sys
import unittest
from os.path import dirname

sys.path.insert(0, dirname(__file__))
from questions import asked, near_a_question, questions, words  # noqa: E402
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

    def test_knows_what_is_near(self):
        for question in questions():
            for turn in question['ask']:
                self.assertTrue(near_a_question(turn))
                self.assertTrue(near_a_question(f'please, {turn.lower().rstrip("?.")}'))
        self.assertFalse(near_a_question('What does a horse drink?'))


if __name__ == '__main__':
    unittest.main()
