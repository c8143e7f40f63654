/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* The options of the control command "smsr": the bearer, and how one packet differs from what the SM-SR would
 * send of itself. */

typedef enum
{
  SIM_SMSR_ORDER_KEPT,
  SIM_SMSR_ORDER_REVERSED,
  SIM_SMSR_ORDER_SHUFFLED,
} SimSmsrOrder;

typedef struct
{
  const char *via; /* borrowed; NULL: not given */
  gboolean has_spi;
  guint8 spi1;
  guint8 spi2;
  guint8 key_set; /* 0: not given */
  gboolean has_tar;
  guint32 tar;
  gboolean has_counter;
  guint64 counter;
  gboolean is_corrupt;
  SimSmsrOrder order;
  guint32 seed; /* of SIM_SMSR_ORDER_SHUFFLED */
  guint wait_s; /* 0: not given */
  guint n_generated;
  gsize generated_size;
  const char *host;        /* borrowed; NULL: the SM-SR's address is told, no name */
  gboolean is_untriggered; /* the session is waited for, not asked for */
  gboolean awaits_notification;
  guint n_pauses;  /* responses before each script that have none */
  guint n_retries; /* that the trigger asks for; 0: not given */
  gboolean is_unanswered;
  guint n_segments;           /* of a download in one script; 0: not given */
  gboolean is_sealed;         /* SDUs are TP-UD under the eUICC's keys */
  const char *identification; /* hexadecimal, of the link; borrowed; NULL: not given */
} SimSmsrOptions;

/**
 * sim_smsr_options_take:
 * @words: (inout): at a word that begins with "--"; moved to the last word of this option. @options borrows.
 *
 * Errors: EA_CORE_ERROR_MALFORMED: the option is unknown, or has no value or a wrong one.
 */
gboolean sim_smsr_options_take (SimSmsrOptions *options, const char *const **words, GError **error);

/* TRUE when there is an option that has to do with an agent's HTTPS session */
gboolean sim_smsr_options_concern_sessions (const SimSmsrOptions *options);

/* TRUE when a packet is not as it would be without options, but for the key set that it names */
gboolean sim_smsr_options_change_form (const SimSmsrOptions *options);

/* TRUE when a packet or the order of its segments is not as it would be without options */
gboolean sim_smsr_options_change_packet (const SimSmsrOptions *options);
