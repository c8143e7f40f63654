/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Short message TPDUs with and without a service centre in front (agent/core/sms.h). */

#include <string.h>

#include "core/sms.h"
#include "fuzz.h"

static void
check_address (const EaSmsAddress *address)
{
  FUZZ_CLAIM (address->ton <= 7 && address->npi <= 15);
  FUZZ_CLAIM (memchr (address->digits, '\0', sizeof address->digits) != NULL);
}

static void
check_user_data (const EaSmsUserData *data, EaSpan input)
{
  const EaSmsConcatenation *concatenation = &data->concatenation;

  FUZZ_CLAIM (fuzz_is_inside (data->header, input));
  FUZZ_CLAIM (fuzz_is_inside (data->payload, input));
  FUZZ_CLAIM (data->header.size + data->payload.size <= EA_SMS_USER_DATA_MAX);
  FUZZ_CLAIM (concatenation->total == 0
              || (concatenation->index >= 1 && concatenation->index <= concatenation->total));
}

static void
check_deliver (EaSpan input)
{
  g_autoptr (GError) error = NULL;
  EaSmsDeliver deliver;

  fuzz_poison (&deliver, sizeof deliver);
  if (!ea_sms_parse_deliver (&deliver, input, &error))
    {
      FUZZ_CLAIM (error != NULL);
      FUZZ_CLAIM (fuzz_is_poisoned (&deliver, sizeof deliver));
      return;
    }

  FUZZ_CLAIM (error == NULL);
  FUZZ_CLAIM (ea_sms_get_type (input) == EA_SMS_TYPE_DELIVER);
  FUZZ_CLAIM (deliver.timestamp.size == EA_SMS_TIMESTAMP_SIZE);
  FUZZ_CLAIM (fuzz_is_inside (deliver.timestamp, input));
  FUZZ_CLAIM (!ea_sms_is_data_download (&deliver)
              || (deliver.pid == EA_SMS_PID_USIM_DOWNLOAD
                  && ea_sms_get_class (deliver.dcs) == EA_SMS_CLASS_2));
  check_address (&deliver.originator);
  check_user_data (&deliver.user_data, input);
}

static void
check_submit (EaSpan input)
{
  g_autoptr (GError) error = NULL;
  EaSmsSubmit submit;

  fuzz_poison (&submit, sizeof submit);
  if (!ea_sms_parse_submit (&submit, input, &error))
    {
      FUZZ_CLAIM (error != NULL);
      FUZZ_CLAIM (fuzz_is_poisoned (&submit, sizeof submit));
      return;
    }

  FUZZ_CLAIM (error == NULL);
  FUZZ_CLAIM (ea_sms_get_type (input) == EA_SMS_TYPE_SUBMIT);
  FUZZ_CLAIM (submit.validity.size == 0 || submit.validity.size == 1 || submit.validity.size == 7);
  FUZZ_CLAIM (fuzz_is_inside (submit.validity, input));
  check_address (&submit.destination);
  check_user_data (&submit.user_data, input);
}

/* Packing text changes the user data only; what was packed once stays as it is. */
static void
check_packing (EaSpan input)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) packed = ea_sms_pack_submit (input, &error);
  g_autoptr (GBytes) again = NULL;
  EaSmsSubmit before;
  EaSmsSubmit after;

  FUZZ_CLAIM ((packed == NULL) == (error != NULL));
  if (packed == NULL)
    return;
  FUZZ_CLAIM (ea_sms_parse_submit (&before, input, NULL));
  FUZZ_CLAIM (ea_sms_parse_submit (&after, ea_span_from_bytes (packed), NULL));
  FUZZ_CLAIM (before.reference == after.reference && before.pid == after.pid);
  FUZZ_CLAIM (strcmp (before.destination.digits, after.destination.digits) == 0);
  FUZZ_CLAIM (ea_span_equal (before.validity, after.validity));
  FUZZ_CLAIM (ea_sms_get_class (before.dcs) == ea_sms_get_class (after.dcs));
  FUZZ_CLAIM (ea_sms_get_alphabet (after.dcs) != EA_SMS_ALPHABET_8BIT);

  again = ea_sms_pack_submit (ea_span_from_bytes (packed), NULL);
  FUZZ_CLAIM (again != NULL && g_bytes_equal (again, packed));
}

static void
check_tpdu (EaSpan input)
{
  check_deliver (input);
  check_submit (input);
  check_packing (input);
}

static void
check_stored (EaSpan input)
{
  g_autoptr (GError) error = NULL;
  EaSpan smsc;
  EaSpan tpdu;

  if (!ea_sms_split_smsc (input, &smsc, &tpdu, &error))
    {
      FUZZ_CLAIM (error != NULL);
      return;
    }
  FUZZ_CLAIM (smsc.size <= EA_SMS_SMSC_MAX);
  FUZZ_CLAIM (1 + smsc.size + tpdu.size == input.size);
  check_tpdu (tpdu);
}

static void
check_number (EaSpan input)
{
  g_autofree char *number = g_strndup ((const char *) input.data, input.size);
  g_autoptr (GBytes) smsc = ea_sms_build_smsc (number);

  FUZZ_CLAIM (smsc == NULL || g_bytes_get_size (smsc) <= EA_SMS_SMSC_MAX);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  EaSpan input = ea_span_init (data, size);
  EaSmsUserData header;

  check_tpdu (input);
  check_stored (input);
  fuzz_poison (&header, sizeof header);
  if (!ea_sms_parse_user_data_header (input, &header, NULL))
    FUZZ_CLAIM (fuzz_is_poisoned (&header, sizeof header));
  if (size > 0)
    check_number (input);
  return 0;
}
