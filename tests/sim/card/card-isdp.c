/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * ISD-Ps, what is loaded into them, and identities. ICCIDs are ITU-T E.118 numbers of 19 digits with a Luhn digit.
 */

#include "card-isdp.h"

#include "sim-tlv.h"

#define EID_PREFIX "890010120123412340123456"
#define EID_FIRST_SERIAL 789012u
#define EID_SERIAL_MODULUS 1000000u
#define CHECK_MODULUS 97u
/* Each ISD-P of a card has another one, 001 and two digits. */
#define HOME_NETWORKS 100u

/* "PROF" */
#define PACKAGE_MAGIC 0x50524F46
/* Upper octet of the tag of an SCP03t response that tells an error */
#define TAG_ERROR 0x9F00

static guint
get_remainder (const char *digits)
{
  guint remainder = 0;

  for (const char *digit = digits; *digit != '\0'; digit++)
    remainder = (remainder * 10 + (guint) g_ascii_digit_value (*digit)) % CHECK_MODULUS;
  return remainder;
}

char *
sim_eid_new (guint card_index)
{
  g_autofree char *digits
      = g_strdup_printf (EID_PREFIX "%06u", (EID_FIRST_SERIAL + card_index) % EID_SERIAL_MODULUS);
  g_autofree char *with_zeros = g_strconcat (digits, "00", NULL);

  return g_strdup_printf ("%s%02u", digits, CHECK_MODULUS + 1 - get_remainder (with_zeros));
}

static guint
get_luhn_digit (const char *digits)
{
  g_autofree char *reversed = g_strreverse (g_strdup (digits));
  gboolean is_doubled = TRUE;
  guint sum = 0;

  for (const char *digit = reversed; *digit != '\0'; digit++, is_doubled = !is_doubled)
    {
      guint value = (guint) g_ascii_digit_value (*digit) << (is_doubled ? 1 : 0);

      sum += value > 9 ? value - 9 : value;
    }
  return (10 - sum % 10) % 10;
}

static char *
make_iccid (guint card_index, guint number)
{
  g_autofree char *digits = g_strdup_printf ("8988211%06u%05u", card_index % 1000000, number);

  return g_strdup_printf ("%s%u", digits, get_luhn_digit (digits));
}

static void
set_subscriber (SimIsdp *isdp)
{
  g_free (isdp->iccid);
  g_free (isdp->imsi);
  isdp->iccid = make_iccid (isdp->card_index, isdp->number);
  isdp->imsi = g_strdup_printf ("001%02u%05u%05u", isdp->number % HOME_NETWORKS,
                                isdp->card_index % 100000, isdp->number);
}

SimIsdp *
sim_isdp_new (EaSpan aid, SimIsdpState state, guint card_index, guint number)
{
  SimIsdp *isdp = g_new0 (SimIsdp, 1);

  isdp->aid = ea_span_to_bytes (aid);
  isdp->state = state;
  isdp->iccid = g_strdup ("");
  isdp->imsi = g_strdup ("");
  isdp->sha256 = g_strdup ("");
  isdp->card_index = card_index;
  isdp->number = number;
  if (state != SIM_ISDP_SELECTABLE)
    set_subscriber (isdp);
  return isdp;
}

void
sim_isdp_free (SimIsdp *isdp)
{
  g_bytes_unref (isdp->aid);
  g_free (isdp->iccid);
  g_free (isdp->imsi);
  g_free (isdp->sha256);
  sim_scp03t_card_free (isdp->secure_channel);
  g_clear_pointer (&isdp->checksum, g_checksum_free);
  g_free (isdp);
}

void
sim_isdp_reset (SimIsdp *isdp)
{
  g_clear_pointer (&isdp->secure_channel, sim_scp03t_card_free);
  if (isdp->state == SIM_ISDP_SELECTABLE)
    isdp->n_bytes = 0;
  g_clear_pointer (&isdp->checksum, g_checksum_free);
}

static gboolean
begin_package (SimIsdp *isdp, EaReader *reader)
{
  guint32 magic = ea_reader_u32be (reader);

  isdp->n_expected = ea_reader_u32be (reader);
  if (!ea_reader_is_ok (reader) || magic != PACKAGE_MAGIC)
    return FALSE;
  isdp->checksum = g_checksum_new (G_CHECKSUM_SHA256);
  isdp->n_bytes = 0;
  return TRUE;
}

static void
end_package (SimIsdp *isdp)
{
  g_free (isdp->sha256);
  isdp->sha256 = g_strdup (g_checksum_get_string (isdp->checksum));
  isdp->state = SIM_ISDP_DISABLED;
  set_subscriber (isdp);
  g_clear_pointer (&isdp->checksum, g_checksum_free);
}

static gboolean
load (SimIsdp *isdp, EaSpan plain)
{
  EaReader reader;
  EaSpan data;

  ea_reader_init (&reader, plain);
  if (isdp->state != SIM_ISDP_SELECTABLE
      || (isdp->checksum == NULL && !begin_package (isdp, &reader)))
    return FALSE;
  data = ea_reader_rest (&reader);
  if (data.size > isdp->n_expected - isdp->n_bytes)
    return FALSE;
  g_checksum_update (isdp->checksum, data.data, (gssize) data.size);
  isdp->n_bytes += (guint32) data.size;
  if (isdp->n_bytes == isdp->n_expected)
    end_package (isdp);
  return TRUE;
}

static GBytes *
build_error (guint8 tag)
{
  const guint8 status[] = { SIM_SCP03T_STATUS_MALFORMED };
  g_auto (EaWriter) writer = { 0 };

  ea_writer_init (&writer);
  sim_tlv_write (&writer, TAG_ERROR | tag, EA_SPAN_OF_ARRAY (status));
  return ea_writer_steal (&writer);
}

static gboolean
is_error (GBytes *response)
{
  EaReader reader;

  ea_reader_init (&reader, ea_span_from_bytes (response));
  return ea_reader_u8 (&reader) == TAG_ERROR >> 8;
}

void
sim_isdp_leave (SimIsdp *isdp, gconstpointer user)
{
  if (isdp->secure_channel != NULL && isdp->user == user)
    sim_isdp_reset (isdp);
}

GBytes *
sim_isdp_process (SimIsdp *isdp, gconstpointer user, EaSpan card_challenge, guint8 tag,
                  EaSpan value, gboolean *has_failed)
{
  g_autoptr (GByteArray) plain = g_byte_array_new ();
  g_autoptr (GBytes) response = NULL;

  if (tag == SIM_SCP03T_TAG_INITIALIZE_UPDATE)
    {
      sim_isdp_reset (isdp);
      isdp->secure_channel = sim_scp03t_card_new (card_challenge);
      isdp->user = user;
    }
  response = isdp->secure_channel == NULL || isdp->user != user
                 ? build_error (tag)
                 : sim_scp03t_card_process (isdp->secure_channel, tag, value, plain);
  *has_failed = is_error (response);
  if (!*has_failed && tag == SIM_SCP03T_TAG_DATA && !load (isdp, ea_span_from_array (plain)))
    {
      sim_isdp_reset (isdp);
      *has_failed = TRUE;
      return build_error (tag);
    }
  return g_steal_pointer (&response);
}

SimIsdp *
sim_isdps_find (GPtrArray *isdps, EaSpan aid)
{
  for (guint i = 0; i < isdps->len; i++)
    {
      SimIsdp *isdp = g_ptr_array_index (isdps, i);

      if (ea_span_equal (ea_span_from_bytes (isdp->aid), aid))
        return isdp;
    }
  return NULL;
}
