/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Which secured packets the endpoint obeys, and how it answers them: every security parameter indicator (TS 102 225
 * §5.1.1), with counters that are low, next and too high (§5.1.4).
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "endpoint-rig.h"

#define SCRIPT "AA07220580CA005A00"
#define ANSWER "AB0780010123029000"

#define SPI1_COUNTER_AVAILABLE 0x08
#define SPI2_POR_INTEGRITY 0x0C

/* The one KID that names an algorithm for a CC, and for an RC as well (CRC 32) */
#define KEY_SET_1_3DES 0x15

/* SPI1 has 5 bits that are not reserved, SPI2 has 6. */
#define N_SPI1 0x20
#define N_SPI2 0x40

static gboolean
has_digital_signature (const SimScp80Command *command)
{
  return sim_scp80_get_integrity (command->spi1) == SIM_SCP80_INTEGRITY_DS;
}

static gboolean
is_obeyed (const SimScp80Command *command)
{
  return sim_scp80_get_integrity (command->spi1) == SIM_SCP80_INTEGRITY_CC
         && (command->spi1 & SIM_SCP80_SPI1_COUNTER_MASK) > SPI1_COUNTER_AVAILABLE;
}

static gboolean
is_proof_possible (const SimScp80Command *command)
{
  return (command->spi2 & SPI2_POR_INTEGRITY) >> 2 != SIM_SCP80_INTEGRITY_DS;
}

/* (transfer full): the packet with @spi1, for which nobody here can make a digital signature: then there is none,
 * and eight octets of another thing stand in its place */
static GBytes *
seal (EndpointRig *rig)
{
  guint8 spi1 = rig->command.spi1;
  GBytes *packet;
  gsize size;
  guint8 *octets;

  if (!has_digital_signature (&rig->command))
    return endpoint_rig_seal (rig, SCRIPT);
  rig->command.spi1 = (guint8) (spi1 - 1);
  packet = endpoint_rig_seal (rig, SCRIPT);
  rig->command.spi1 = spi1;
  octets = g_bytes_unref_to_data (packet, &size);
  octets[3] = spi1;
  return g_bytes_new_take (octets, size);
}

static void
expect_proof_if (EndpointRig *rig, gboolean is_asked, guint8 status, const char *data)
{
  if (is_asked && is_proof_possible (&rig->command))
    endpoint_rig_expect_proof (rig, status, data);
}

/* A packet with these parameters and the next counter, and the same once more */
static void
exchange (EndpointRig *rig)
{
  g_autoptr (GBytes) packet = seal (rig);
  guint8 por = rig->command.spi2 & SIM_SCP80_SPI2_POR_MASK;

  if (!is_obeyed (&rig->command))
    {
      endpoint_rig_deliver (rig, packet);
      endpoint_rig_expect_accepted (rig);
      endpoint_rig_expect_nothing (rig);
      return;
    }
  endpoint_rig_answer (rig, "01|9000");
  endpoint_rig_answer_all (rig, ""); /* messages go out */
  endpoint_rig_deliver (rig, packet);
  endpoint_rig_expect (rig, RIG_OPEN "\naccept 7\napdu 1 81CA005A00\nclose 1");
  expect_proof_if (rig, por == SIM_SCP80_SPI2_POR_ALWAYS, SIM_SCP80_STATUS_OK, ANSWER);
  endpoint_rig_expect_nothing (rig);
  endpoint_rig_deliver (rig, packet);
  expect_proof_if (rig, por == SIM_SCP80_SPI2_POR_ALWAYS || por == SIM_SCP80_SPI2_POR_ON_ERROR,
                   SIM_SCP80_STATUS_COUNTER_LOW, "");
  endpoint_rig_expect_accepted (rig);
  endpoint_rig_expect_nothing (rig);
}

static void
test_every_spi_is_obeyed_or_refused_and_answered_as_it_asks (void **state)
{
  guint n_obeyed = 0;

  for (guint spi1 = 0; spi1 < N_SPI1; spi1++)
    {
      EndpointRig *rig = endpoint_rig_new ();
      guint64 n_taken;

      endpoint_rig_set_keys (rig, "[* scp80 01]\nAlgorithm=3des\n" RIG_KEYS);
      rig->command.kic = KEY_SET_1_3DES;
      rig->command.kid = KEY_SET_1_3DES;
      for (guint spi2 = 0; spi2 < N_SPI2; spi2++)
        {
          rig->command.spi1 = (guint8) spi1;
          rig->command.spi2 = (guint8) spi2;
          exchange (rig);
        }
      n_taken = endpoint_rig_count (rig, EA_COUNTER_PACKETS_TAKEN);
      assert_int_equal (n_taken, is_obeyed (&rig->command) ? N_SPI2 : 0);
      n_obeyed += n_taken > 0;
      endpoint_rig_free (rig);
    }
  assert_int_equal (n_obeyed, 4); /* with and without ciphering, higher and next */
}

static void
test_reserved_bits_are_refused (void **state)
{
  static const struct
  {
    guint8 spi1;
    guint8 spi2;
  } rows[] = { { 0x36, 0x39 }, { 0x56, 0x39 }, { 0x96, 0x39 }, { 0x16, 0x79 }, { 0x16, 0xB9 } };
  EndpointRig *rig = *state;

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      rig->command.spi1 = rows[i].spi1;
      rig->command.spi2 = rows[i].spi2;
      endpoint_rig_send (rig, SCRIPT);

      endpoint_rig_expect_accepted (rig);
      endpoint_rig_expect_nothing (rig);
    }
}

/* Counters one after the other with the same sender, and what becomes of them */
static void
test_counters_are_compared_as_the_mode_says (void **state)
{
  static const struct
  {
    guint8 mode;
    guint64 counter;
    guint8 status;
  } rows[] = {
    { SIM_SCP80_SPI1_COUNTER_NEXT, 2, SIM_SCP80_STATUS_COUNTER_HIGH },
    { SIM_SCP80_SPI1_COUNTER_NEXT, 0, SIM_SCP80_STATUS_COUNTER_LOW },
    { SIM_SCP80_SPI1_COUNTER_NEXT, 1, SIM_SCP80_STATUS_OK },
    { SIM_SCP80_SPI1_COUNTER_NEXT, 3, SIM_SCP80_STATUS_COUNTER_HIGH },
    { SIM_SCP80_SPI1_COUNTER_HIGHER, 1, SIM_SCP80_STATUS_COUNTER_LOW },
    { SIM_SCP80_SPI1_COUNTER_HIGHER, 2, SIM_SCP80_STATUS_OK },
    { SIM_SCP80_SPI1_COUNTER_NEXT, 2, SIM_SCP80_STATUS_COUNTER_LOW },
    { SIM_SCP80_SPI1_COUNTER_HIGHER, 0x100000000, SIM_SCP80_STATUS_OK },
    { SIM_SCP80_SPI1_COUNTER_HIGHER, 0xFFFFFFFF, SIM_SCP80_STATUS_COUNTER_LOW },
    { SIM_SCP80_SPI1_COUNTER_NEXT, 0x100000001, SIM_SCP80_STATUS_OK },
    { SIM_SCP80_SPI1_COUNTER_NEXT, SIM_SCP80_COUNTER_MAX, SIM_SCP80_STATUS_COUNTER_HIGH },
    { SIM_SCP80_SPI1_COUNTER_HIGHER, SIM_SCP80_COUNTER_MAX, SIM_SCP80_STATUS_OK },
    { SIM_SCP80_SPI1_COUNTER_HIGHER, SIM_SCP80_COUNTER_MAX, SIM_SCP80_STATUS_COUNTER_BLOCKED },
    { SIM_SCP80_SPI1_COUNTER_HIGHER, 5, SIM_SCP80_STATUS_COUNTER_BLOCKED },
  };
  EndpointRig *rig = *state;

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      gboolean is_ok = rows[i].status == SIM_SCP80_STATUS_OK;

      rig->command.spi1
          = (guint8) (SIM_SCP80_INTEGRITY_CC | SIM_SCP80_SPI1_CIPHERED | rows[i].mode);
      rig->command.counter = rows[i].counter - 1; /* sealing adds one */
      endpoint_rig_answer (rig, is_ok ? "01|9000|" : "");
      endpoint_rig_send (rig, SCRIPT);
      if (is_ok)
        endpoint_rig_expect (rig, RIG_OPEN "\naccept 7\napdu 1 81CA005A00\nclose 1");
      endpoint_rig_expect_proof (rig, rows[i].status, is_ok ? ANSWER : "");
      if (!is_ok)
        endpoint_rig_expect_accepted (rig);
    }
}

/* They cost the subscriber money. */
static void
test_proofs_of_refusals_are_limited_in_an_hour (void **state)
{
  EndpointRig *rig = *state;
  g_autoptr (GBytes) packet = endpoint_rig_seal (rig, SCRIPT);

  endpoint_rig_answer (rig, "01|9000|");
  endpoint_rig_deliver (rig, packet);
  endpoint_rig_expect (rig, RIG_OPEN "\naccept 7\napdu 1 81CA005A00\nclose 1");
  endpoint_rig_expect_proof (rig, SIM_SCP80_STATUS_OK, ANSWER);
  endpoint_rig_answer_all (rig, "");
  for (guint i = 0; i < EA_ENDPOINT_REFUSALS_ANSWERED_MAX; i++)
    {
      endpoint_rig_deliver (rig, packet);
      endpoint_rig_expect_proof (rig, SIM_SCP80_STATUS_COUNTER_LOW, "");
      endpoint_rig_expect_accepted (rig);
    }
  endpoint_rig_deliver (rig, packet);
  endpoint_rig_expect_accepted (rig);
  endpoint_rig_expect_nothing (rig);
  endpoint_rig_answer_all (rig, NULL);
  endpoint_rig_answer (rig, "01|9000|");
  endpoint_rig_send (rig, SCRIPT);

  endpoint_rig_expect (rig, RIG_OPEN "\naccept 7\napdu 1 81CA005A00\nclose 1");
  endpoint_rig_expect_proof (rig, SIM_SCP80_STATUS_OK, ANSWER);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_every_spi_is_obeyed_or_refused_and_answered_as_it_asks),
    ENDPOINT_TEST (test_reserved_bits_are_refused),
    ENDPOINT_TEST (test_counters_are_compared_as_the_mode_says),
    ENDPOINT_TEST (test_proofs_of_refusals_are_limited_in_an_hour),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
