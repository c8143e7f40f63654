/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Attach and its refusal (3GPP TS 24.301 §5.5.1). Left out: the modem's own repetition of an attempt that
 * failed; it tries again when the card, the radio or the network is there anew.
 */
#include "registration.h"

#include <string.h>

#include "network.h"
#include "terminal.h"

#define OPERATING_MODE_ONLINE 0
#define PLMN_DIGITS_MIN 5
#define PLMN_DIGITS_MAX 6
#define ICCID_DIGITS_MIN 18
#define ICCID_DIGITS_MAX 20
#define DELAY_MAX_MS 600000

/* One profile or PLMN, or with an empty @target all of them, have no network, or are refused. */
typedef struct
{
  char *target;
  guint8 cause; /* 0: there is no network */
} Rule;

struct _SimRegistration
{
  SimModem *modem;
  GPtrArray *rules; /* of Rule */
  guint delay_ms;
  guint source; /* while the modem attaches */
  guint n_stalled;
  gboolean is_stalled;
};

static void
rule_free (gpointer data)
{
  Rule *rule = data;

  g_free (rule->target);
  g_free (rule);
}

SimRegistration *
sim_registration_new (SimModem *modem)
{
  SimRegistration *registration = g_new0 (SimRegistration, 1);

  registration->modem = modem;
  registration->rules = g_ptr_array_new_with_free_func (rule_free);
  return registration;
}

void
sim_registration_cancel (SimRegistration *registration)
{
  g_clear_handle_id (&registration->source, g_source_remove);
  registration->is_stalled = FALSE;
}

void
sim_registration_free (SimRegistration *registration)
{
  if (registration == NULL)
    return;
  sim_registration_cancel (registration);
  g_ptr_array_unref (registration->rules);
  g_free (registration);
}

static gboolean
concerns (const SimRegistration *registration, const Rule *rule)
{
  const SimModem *modem = registration->modem;
  g_autofree char *plmn = g_strconcat (modem->coverage.mcc, modem->coverage.mnc, NULL);

  return *rule->target == '\0' || strcmp (rule->target, plmn) == 0
         || strcmp (rule->target, sim_card_get_iccid (modem->slot->card)) == 0;
}

/* (nullable): what stands in the profile's way; a network that is not there refuses nobody. */
static const Rule *
find_obstacle (const SimRegistration *registration)
{
  const Rule *found = NULL;

  for (guint i = 0; i < registration->rules->len; i++)
    {
      const Rule *rule = g_ptr_array_index (registration->rules, i);

      if (concerns (registration, rule) && (found == NULL || rule->cause == 0))
        found = rule;
    }
  return found;
}

SimCoverageLevel
sim_registration_get_offer (const SimRegistration *registration)
{
  SimCoverageLevel level = registration->modem->coverage.level;
  const Rule *obstacle = find_obstacle (registration);

  if (level == SIM_COVERAGE_NONE || obstacle == NULL)
    return level;
  return obstacle->cause == 0 ? SIM_COVERAGE_NONE : SIM_COVERAGE_LIMITED;
}

static gboolean
is_up (const SimRegistration *registration)
{
  return registration->modem->slot->state == SIM_SLOT_READY
         && registration->modem->operating_mode == OPERATING_MODE_ONLINE;
}

static gboolean
is_attaching (const SimRegistration *registration)
{
  return registration->source != 0 || registration->is_stalled;
}

SimCoverageLevel
sim_registration_get_level (const SimRegistration *registration)
{
  if (!is_up (registration) || is_attaching (registration))
    return SIM_COVERAGE_NONE;
  return sim_registration_get_offer (registration);
}

guint8
sim_registration_get_cause (const SimRegistration *registration)
{
  const Rule *obstacle = find_obstacle (registration);

  return sim_registration_get_level (registration) == SIM_COVERAGE_LIMITED && obstacle != NULL
             ? obstacle->cause
             : 0;
}

SimRegistrationState
sim_registration_get_state (const SimRegistration *registration)
{
  if (is_up (registration) && is_attaching (registration))
    return SIM_REGISTRATION_SEARCHING;
  switch (sim_registration_get_level (registration))
    {
    case SIM_COVERAGE_NORMAL:
      return SIM_REGISTRATION_REGISTERED;
    case SIM_COVERAGE_LIMITED:
      return sim_registration_get_cause (registration) != 0 ? SIM_REGISTRATION_DENIED
                                                            : SIM_REGISTRATION_SEARCHING;
    case SIM_COVERAGE_NONE:
      return SIM_REGISTRATION_NONE;
    }
  g_assert_not_reached ();
}

const char *
sim_registration_get_state_name (const SimRegistration *registration)
{
  static const char *const names[] = {
    [SIM_REGISTRATION_NONE] = "none",
    [SIM_REGISTRATION_SEARCHING] = "searching",
    [SIM_REGISTRATION_REGISTERED] = "registered",
    [SIM_REGISTRATION_DENIED] = "denied",
  };

  return names[sim_registration_get_state (registration)];
}

static void
tell (SimRegistration *registration)
{
  sim_nas_indicate_registration (registration->modem);
  sim_terminal_take_network (registration->modem->terminal);
}

static void
finish (SimRegistration *registration)
{
  tell (registration);
  if (sim_registration_get_state (registration) == SIM_REGISTRATION_DENIED)
    sim_nas_indicate_rejection (registration->modem);
  sim_network_pump (registration->modem->network);
}

static gboolean
on_attached (gpointer user_data)
{
  SimRegistration *registration = user_data;

  registration->source = 0;
  finish (registration);
  return G_SOURCE_REMOVE;
}

/* FALSE: the attempt is over at once. */
static gboolean
start_attaching (SimRegistration *registration)
{
  if (registration->modem->coverage.level == SIM_COVERAGE_NONE)
    return FALSE;
  if (registration->n_stalled > 0)
    {
      registration->n_stalled--;
      registration->is_stalled = TRUE;
      return TRUE;
    }
  if (registration->delay_ms == 0)
    return FALSE;
  registration->source = g_timeout_add (registration->delay_ms, on_attached, registration);
  return TRUE;
}

void
sim_registration_begin (SimRegistration *registration)
{
  SimModem *modem = registration->modem;

  sim_registration_cancel (registration);
  if (is_up (registration))
    {
      sim_coverage_follow (&modem->coverage, sim_card_get_imsi (modem->slot->card));
      if (start_attaching (registration))
        {
          tell (registration);
          return;
        }
    }
  finish (registration);
}

void
sim_registration_stall (SimRegistration *registration, guint count)
{
  registration->n_stalled = count;
}

static gboolean
is_target (const char *word)
{
  gsize length = strlen (word);
  gboolean is_plmn = length >= PLMN_DIGITS_MIN && length <= PLMN_DIGITS_MAX;
  gboolean is_iccid = length >= ICCID_DIGITS_MIN && length <= ICCID_DIGITS_MAX;

  return (is_plmn || is_iccid || length == 0) && strspn (word, "0123456789") == length;
}

static void
drop_rules (SimRegistration *registration, const char *target, gboolean is_loss)
{
  for (guint i = registration->rules->len; i > 0; i--)
    {
      const Rule *rule = g_ptr_array_index (registration->rules, i - 1);

      if (strcmp (rule->target, target) == 0 && (rule->cause == 0) == is_loss)
        g_ptr_array_remove_index (registration->rules, i - 1);
    }
}

static void
add_rule (SimRegistration *registration, const char *target, guint8 cause)
{
  Rule *rule = g_new0 (Rule, 1);

  drop_rules (registration, target, cause == 0);
  rule->target = g_strdup (target);
  rule->cause = cause;
  g_ptr_array_add (registration->rules, rule);
}

/* Cause 0 ends the refusal of a target. A network that refuses everybody has to be there. */
static gboolean
change_rejection (SimRegistration *registration, const char *word, const char *target)
{
  guint64 cause;
  gboolean is_hex = g_ascii_strncasecmp (word, "0x", 2) == 0;

  if (!is_target (target)
      || !g_ascii_string_to_unsigned (is_hex ? word + 2 : word, is_hex ? 16 : 10, 0, G_MAXUINT8,
                                      &cause, NULL))
    return FALSE;
  if (cause == 0 && *target == '\0')
    return FALSE;
  if (cause == 0)
    {
      drop_rules (registration, target, FALSE);
      return TRUE;
    }
  add_rule (registration, target, (guint8) cause);
  if (*target == '\0')
    registration->modem->coverage.level = SIM_COVERAGE_NORMAL;
  return TRUE;
}

static gboolean
change_presence (SimRegistration *registration, gboolean is_lost, const char *target)
{
  if (!is_target (target))
    return FALSE;
  if (*target == '\0')
    registration->modem->coverage.level = is_lost ? SIM_COVERAGE_NONE : SIM_COVERAGE_NORMAL;
  else if (is_lost)
    add_rule (registration, target, 0);
  else
    drop_rules (registration, target, TRUE);
  return TRUE;
}

static gboolean
change_delay (SimRegistration *registration, const char *word)
{
  guint64 delay_ms;

  if (!g_ascii_string_to_unsigned (word, 10, 0, DELAY_MAX_MS, &delay_ms, NULL))
    return FALSE;
  registration->delay_ms = (guint) delay_ms;
  return TRUE;
}

static gboolean
change_level (SimRegistration *registration, char **words, guint n_words)
{
  if (!sim_coverage_change (&registration->modem->coverage, words, n_words))
    return FALSE;
  if (n_words != 1)
    return TRUE;
  drop_rules (registration, "", FALSE);
  if (registration->modem->coverage.level == SIM_COVERAGE_NORMAL)
    g_ptr_array_set_size (registration->rules, 0);
  return TRUE;
}

static gboolean
change (SimRegistration *registration, char **words, guint n_words)
{
  const char *word = n_words > 0 ? words[0] : "";
  const char *last = n_words > 1 ? words[n_words - 1] : "";

  if (strcmp (word, "reject") == 0 && (n_words == 2 || n_words == 3))
    return change_rejection (registration, words[1], n_words == 3 ? last : "");
  if (strcmp (word, "lost") == 0 && n_words <= 2)
    return change_presence (registration, TRUE, last);
  if (strcmp (word, "back") == 0 && n_words <= 2)
    return change_presence (registration, FALSE, last);
  if (strcmp (word, "delay") == 0 && n_words == 2)
    return change_delay (registration, last);
  return change_level (registration, words, n_words);
}

gboolean
sim_registration_change (SimRegistration *registration, char **words, guint n_words)
{
  SimCoverageLevel before = sim_registration_get_offer (registration);

  if (!change (registration, words, n_words))
    return FALSE;
  if (sim_registration_get_offer (registration) != before)
    sim_registration_begin (registration);
  else
    finish (registration);
  return TRUE;
}
