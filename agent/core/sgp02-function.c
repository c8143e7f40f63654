/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Which function of ES5 (SGP.02 §4.1.1) or ES8 (§4.1.3) a command of a script belongs to: GlobalPlatform's
 * instructions, told apart by their parameters and the data grouping identifier in STORE DATA.
 */

#include "core/sgp02.h"
#include "core/tlv.h"

#define CLASS_CHANNEL_AND_SECURITY 0x7F /* of no matter here */

#define INS_GET_DATA 0xCA
#define INS_GET_STATUS 0xF2

#define P1_P2_INSTALL_AND_SELECTABLE 0x0C00
#define P1_P2_PERSONALIZATION 0x2000
#define P1_P2_DELETE_RELATED 0x0040
#define P1_P2_DELETE_KEY 0x0000
#define P1_P2_CAPABILITIES 0xBF30
#define P1_P2_RESOURCES 0xFF21
#define P1_GET_STATUS_APPLICATIONS 0x40

#define P1_STORE_DATA_STRUCTURE 0x18 /* GlobalPlatform §11.11.2.1 */
#define P1_STORE_DATA_DGI 0x08

#define TAG_AID 0x4F
#define TAG_CONTROL_REFERENCE 0xB6 /* of the token of MasterDelete */
#define TAG_KEY_VERSION_RANGE 0xF2
#define TAG_SMSR_ADDRESSING 0xA3

#define DGI_ENABLE 0x3A03
#define DGI_DISABLE 0x3A04
#define DGI_FALL_BACK 0x3A05
#define DGI_CONNECTIVITY 0x3A07

/* Both begin alike: only INSTALL [for personalization] before tells whose keys they are. */
#define ESTABLISH_ANY_KEY_SET "EstablishISDRKeySet or EstablishISDPKeySet"

/* Data grouping identifiers in STORE DATA */
static const struct
{
  guint16 dgi;
  const char *name;
} store_data[] = {
  { 0x3A01, ESTABLISH_ANY_KEY_SET },
  { 0x3A02, ESTABLISH_ANY_KEY_SET },
  { DGI_ENABLE, "EnableProfile" },
  { DGI_DISABLE, "DisableProfile" },
  { DGI_FALL_BACK, "SetFallBackAttribute" },
  { 0x3A06, "UpdatePOL1" },
  { DGI_CONNECTIVITY, "UpdateConnectivityParameters" },
  { 0x3A08, "HandleNotificationConfirmation" },
};

/* The tag after DGI 3A07 and its length of one octet tells whose parameters are set. */
static const char *
get_addressing_name (EaReader *reader)
{
  EaTlv tlv;

  (void) ea_reader_u8 (reader);
  if (ea_tlv_read_ber (reader, &tlv, NULL) && tlv.tag == TAG_SMSR_ADDRESSING)
    return "UpdateSMSRAddressingParameters";
  return "UpdateConnectivityParameters";
}

/* The first block begins with a DGI; all others, and those without one (EaSgp02Carriage), begin with anything. */
static const char *
get_store_data_name (const EaApduCommand *command)
{
  EaReader reader;
  guint16 dgi;

  if ((command->p1 & P1_STORE_DATA_STRUCTURE) != P1_STORE_DATA_DGI || command->p2 != 0)
    return NULL;
  ea_reader_init (&reader, command->data);
  dgi = ea_reader_u16be (&reader);
  if (dgi == DGI_CONNECTIVITY)
    return get_addressing_name (&reader);
  for (gsize i = 0; i < G_N_ELEMENTS (store_data); i++)
    if (store_data[i].dgi == dgi)
      return store_data[i].name;
  return NULL;
}

static gboolean
has_tag (EaSpan objects, guint32 tag, EaSpan *value)
{
  EaReader reader;
  EaTlv tlv;

  ea_reader_init (&reader, objects);
  while (ea_reader_remaining (&reader) > 0 && ea_tlv_read_ber (&reader, &tlv, NULL))
    if (tlv.tag == tag)
      {
        *value = tlv.value;
        return TRUE;
      }
  return FALSE;
}

static gboolean
is_isdp (EaSpan aid)
{
  guint32 tar;

  return ea_sgp02_find_tar (aid, &tar) && tar >= EA_SGP02_TAR_ISD_P_FIRST
         && tar <= EA_SGP02_TAR_ISD_P_LAST;
}

/* INSTALL begins with the load file's AID and its length. */
static gboolean
installs_isdp (EaSpan data)
{
  EaReader reader;
  guint32 tar;

  ea_reader_init (&reader, data);
  return ea_sgp02_find_tar (ea_reader_bytes (&reader, ea_reader_u8 (&reader)), &tar)
         && tar == EA_SGP02_TAR_ISD_P_FILE;
}

/* Load file and module are empty, then comes the AID of the security domain: GlobalPlatform §11.5.2.3.6. */
static const char *
get_personalization_name (EaSpan data)
{
  EaReader reader;
  EaSpan aid;
  guint32 tar;

  ea_reader_init (&reader, data);
  (void) ea_reader_bytes (&reader, ea_reader_u8 (&reader));
  (void) ea_reader_bytes (&reader, ea_reader_u8 (&reader));
  aid = ea_reader_bytes (&reader, ea_reader_u8 (&reader));
  if (is_isdp (aid))
    return "EstablishISDPKeySet";
  if (!ea_sgp02_find_tar (aid, &tar))
    return NULL;
  if (tar == EA_SGP02_TAR_ISD_R)
    return "EstablishISDRKeySet";
  return tar == EA_SGP02_TAR_ECASD ? ESTABLISH_ANY_KEY_SET : NULL;
}

static const char *
get_install_name (guint p1_p2, EaSpan data)
{
  if (p1_p2 == P1_P2_INSTALL_AND_SELECTABLE && installs_isdp (data))
    return "CreateISDP";
  return p1_p2 == P1_P2_PERSONALIZATION ? get_personalization_name (data) : NULL;
}

static const char *
get_delete_name (guint p1_p2, EaSpan data)
{
  EaSpan value;

  if (p1_p2 == P1_P2_DELETE_RELATED && has_tag (data, TAG_AID, &value) && is_isdp (value))
    return has_tag (data, TAG_CONTROL_REFERENCE, &value) ? "MasterDelete" : "DeleteISDP";
  if (p1_p2 == P1_P2_DELETE_KEY && has_tag (data, TAG_KEY_VERSION_RANGE, &value))
    return "FinaliseISDRHandover";
  return NULL;
}

const char *
ea_sgp02_get_function_name (const EaApduCommand *command)
{
  guint p1_p2 = (guint) command->p1 << 8 | command->p2;

  if ((command->cla & ~CLASS_CHANNEL_AND_SECURITY) == 0)
    return NULL;
  switch (command->ins)
    {
    case EA_APDU_INS_STORE_DATA:
      return get_store_data_name (command);
    case EA_APDU_INS_INSTALL:
      return get_install_name (p1_p2, command->data);
    case EA_APDU_INS_DELETE:
      return get_delete_name (p1_p2, command->data);
    case INS_GET_STATUS:
      return command->p1 == P1_GET_STATUS_APPLICATIONS ? "GetStatus" : NULL;
    case INS_GET_DATA:
      return p1_p2 == P1_P2_CAPABILITIES || p1_p2 == P1_P2_RESOURCES ? "eUICCCapabilityAudit"
                                                                     : NULL;
    default:
      return NULL;
    }
}

/* What has the AID of the ISD-P in it: of STORE DATA what comes after the DGI and its length of one octet. */
static EaSpan
get_target_objects (const EaApduCommand *command)
{
  EaReader reader;
  guint16 dgi;

  if (command->ins == EA_APDU_INS_DELETE)
    return command->data;
  ea_reader_init (&reader, command->data);
  dgi = ea_reader_u16be (&reader);
  if (command->ins != EA_APDU_INS_STORE_DATA || dgi < DGI_ENABLE || dgi > DGI_FALL_BACK)
    return EA_SPAN_EMPTY;
  return ea_reader_bytes (&reader, ea_reader_u8 (&reader));
}

gboolean
ea_sgp02_get_function_target (const EaApduCommand *command, EaSpan *aid)
{
  return ea_sgp02_get_function_name (command) != NULL
         && has_tag (get_target_objects (command), TAG_AID, aid);
}

gboolean
ea_sgp02_is_switch (const EaApduCommand *command)
{
  EaReader reader;
  guint16 dgi;

  if (command->ins != EA_APDU_INS_STORE_DATA || ea_sgp02_get_function_name (command) == NULL)
    return FALSE;
  ea_reader_init (&reader, command->data);
  dgi = ea_reader_u16be (&reader);
  return dgi == DGI_ENABLE || dgi == DGI_DISABLE;
}
