#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The rules of the soak find what they are there for: growth that goes on, counts that are lost for good, drift."""
import random
import sys
import unittest

sys.dont_write_bytecode = True

from soak_watch import Sample, find_growth, find_more, is_late, measure_drift, swap_digits

N_SAMPLES = 360
EVERY_S = 10


def make_samples(memory, files=lambda part: 14):
    """@memory, @files: what there is at a part of the time"""
    samples = []
    for i in range(N_SAMPLES):
        sample = Sample.__new__(Sample)
        part = i / (N_SAMPLES - 1)
        sample.__dict__ = dict(time_s=i * EVERY_S, anonymous_kb=memory(part), files=files(part), threads=3, clients=10,
                               logical=0, records=20)
        samples.append(sample)
    return samples


class Rules(unittest.TestCase):
    def setUp(self):
        self.dice = random.Random(1)

    def noise(self):
        return self.dice.uniform(-100, 100)

    def test_a_level_with_noise_is_no_growth(self):
        self.assertIsNone(find_growth(make_samples(lambda part: 3000 + self.noise())))

    def test_growth_in_the_first_quarter_is_none(self):
        self.assertIsNone(find_growth(make_samples(lambda part: 3000 + 4000 * min(part, 0.24))))

    def test_a_leak_below_the_noise_is_found(self):
        self.assertIsNotNone(find_growth(make_samples(lambda part: 3000 + self.noise() + 400 * part)))

    def test_a_slow_leak_without_noise_is_found(self):
        self.assertIsNotNone(find_growth(make_samples(lambda part: 3000 + 80 * part)))

    def test_a_peak_is_no_growth(self):
        self.assertIsNone(find_growth(make_samples(lambda part: 9000 if 0.8 < part < 0.85 else 3000)))

    def test_a_file_that_is_lost_is_found(self):
        self.assertIn('files', find_more(make_samples(lambda part: 3000, lambda part: 14 + (part > 0.6))))

    def test_files_that_come_and_go_are_not(self):
        self.assertIsNone(find_more(make_samples(lambda part: 3000, lambda part: self.dice.choice((14, 16, 18)))))

    def test_drift_is_measured(self):
        count, drift = measure_drift([i * 30.3 for i in range(100)], 30)
        self.assertEqual(count, 100)
        self.assertAlmostEqual(drift, 0.01)

    def test_a_time_that_was_missed_is_drift(self):
        self.assertGreater(measure_drift([i * 30 for i in range(100) if i != 50], 30)[1], 0.01)

    def test_a_timer_that_comes_ever_later_is_late(self):
        self.assertTrue(is_late([0.01 * i for i in range(60)]))
        self.assertFalse(is_late([0.1, 0.2] * 30 + [1.2]))

    def test_timer_values_have_their_digits_swapped(self):
        self.assertEqual([swap_digits(seconds) for seconds in (3, 60, 21600, 45296)],
                         ['000030', '001000', '600000', '214365'])


if __name__ == '__main__':
    unittest.main()
