/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A table of read-only files. All profiles share it; only ICCID and IMSI are made from the profile.
 * Left out: writing, and the files of services that the table in EF_UST does not announce.
 */

#include "card-files.h"

#include <string.h>

#include "sim-tlv.h"

typedef enum
{
  FILE_DIRECTORY,
  FILE_TRANSPARENT,
  FILE_RECORDS,
} FileKind;

struct _SimFile
{
  guint16 id;
  guint16 parent;
  FileKind kind;
  guint8 sfi;         /* short file identifier, 0 for none */
  guint8 record_size; /* octets, 0 for a transparent file */
  guint8 n_records;
  const char *hex; /* contents of the file or of its first record; the rest is FF */
};

static const SimFile files[] = {
  { SIM_FILE_MF, SIM_FILE_MF, FILE_DIRECTORY, 0, 0, 0, "" },
  { 0x2F00, SIM_FILE_MF, FILE_RECORDS, 0x1E, 38, 2,
    "61184F10A0000000871002FFFFFFFF890709000050045553494D" },          /* DIR */
  { 0x2F05, SIM_FILE_MF, FILE_TRANSPARENT, 0x05, 0, 0, "656E6465" },   /* PL */
  { 0x2FE2, SIM_FILE_MF, FILE_TRANSPARENT, 0x02, 0, 0, NULL },         /* ICCID */
  { SIM_FILE_USIM, SIM_FILE_MF, FILE_DIRECTORY, 0, 0, 0, "" },         /* ADF USIM */
  { 0x6F05, SIM_FILE_USIM, FILE_TRANSPARENT, 0x02, 0, 0, "656E6465" }, /* LI */
  { 0x6F07, SIM_FILE_USIM, FILE_TRANSPARENT, 0x07, 0, 0, NULL },       /* IMSI */
  { 0x6F31, SIM_FILE_USIM, FILE_TRANSPARENT, 0x12, 0, 0, "06" },       /* HPPLMN */
  { 0x6F38, SIM_FILE_USIM, FILE_TRANSPARENT, 0x04, 0, 0, "000A140C0100040000001000" }, /* UST */
  { 0x6F40, SIM_FILE_USIM, FILE_RECORDS, 0, 24, 1,
    "FFFFFFFFFFFFFFFFFFFF07919451214365F9FFFFFFFFFFFF" }, /* MSISDN */
  { 0x6F42, SIM_FILE_USIM, FILE_RECORDS, 0, 40, 1,
    "FFFFFFFFFFFFFFFFFFFFFFFFFDFFFFFFFFFFFFFFFFFFFFFFFF0791947107160000" }, /* SMSP */
  { 0x6F43, SIM_FILE_USIM, FILE_RECORDS, 0, 176, 10, "00" },                /* SMS */
  { 0x6F46, SIM_FILE_USIM, FILE_TRANSPARENT, 0, 0, 0,
    "0153696D756C61746F72FFFFFFFFFFFFFF" },                      /* SPN */
  { 0x6F56, SIM_FILE_USIM, FILE_TRANSPARENT, 0x05, 0, 0, "00" }, /* EST */
  { 0x6F73, SIM_FILE_USIM, FILE_TRANSPARENT, 0x0C, 0, 0,
    "FFFFFFFFFFFFFF00F110FFFEFF01" },                                                  /* PSLOCI */
  { 0x6F78, SIM_FILE_USIM, FILE_TRANSPARENT, 0x06, 0, 0, "0001" },                     /* ACC */
  { 0x6F7B, SIM_FILE_USIM, FILE_TRANSPARENT, 0x0D, 0, 0, "FFFFFFFFFFFFFFFFFFFFFFFF" }, /* FPLMN */
  { 0x6F7E, SIM_FILE_USIM, FILE_TRANSPARENT, 0x0B, 0, 0, "FFFFFFFF00F110FFFEFF01" },   /* LOCI */
  { 0x6FAD, SIM_FILE_USIM, FILE_TRANSPARENT, 0x03, 0, 0, "00000002" },                 /* AD */
  { 0x6FB7, SIM_FILE_USIM, FILE_RECORDS, 0x01, 4, 1, "11F2FF00" },                     /* ECC */
  { 0x6FCD, SIM_FILE_USIM, FILE_TRANSPARENT, 0, 0, 0, "A305800300F110" },              /* SPDI */
  { 0x6FE3, SIM_FILE_USIM, FILE_TRANSPARENT, 0x1E, 0, 0,
    "FFFFFFFFFFFFFFFFFFFFFFFF00F110FFFE01" }, /* EPSLOCI */
};

#define ICCID_SIZE 10
#define SFI_IN_P1 0x80
#define SFI_MASK 0x1F
#define RECORD_MODE_MASK 0x07
#define RECORD_MODE_ABSOLUTE 0x04

const SimFile *
sim_file_find (const SimFile *directory, guint16 id)
{
  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    {
      if (files[i].id == id && files[i].parent == directory->id)
        return &files[i];
    }
  return NULL;
}

const SimFile *
sim_file_get_mf (void)
{
  return &files[0];
}

const SimFile *
sim_file_get_usim (void)
{
  return sim_file_find (sim_file_get_mf (), SIM_FILE_USIM);
}

gboolean
sim_file_is_directory (const SimFile *file)
{
  return file->kind == FILE_DIRECTORY;
}

const SimFile *
sim_file_get_directory (const SimFile *file)
{
  if (sim_file_is_directory (file))
    return file;
  return file->parent == SIM_FILE_MF ? sim_file_get_mf () : sim_file_get_usim ();
}

/* TS 102 221 §8.4.1: MF, the current directory, its children, its parent and the parent's
 * children */
const SimFile *
sim_file_reach (const SimFile *directory, guint16 id)
{
  const SimFile *file;

  if (id == directory->id)
    return directory;
  file = sim_file_find (directory, id);
  return file != NULL || id != SIM_FILE_MF ? file : sim_file_get_mf ();
}

static void
append_digits (EaWriter *writer, const char *digits)
{
  for (const char *digit = digits; *digit != '\0'; digit++)
    {
      guint low = (guint) g_ascii_digit_value (*digit);
      guint high = 0x0F;

      if (digit[1] != '\0')
        high = (guint) g_ascii_digit_value (*++digit);
      ea_writer_u8 (writer, (guint8) (high << 4 | low));
    }
}

/* TS 31.102 §4.2.2: length, then parity and the digits, swapped. */
static GBytes *
encode_imsi (const char *imsi)
{
  gboolean is_odd = strlen (imsi) % 2 == 1;
  g_autofree char *digits = g_strconcat (is_odd ? "9" : "1", imsi, NULL);
  g_auto (EaWriter) writer = { 0 };

  ea_writer_init (&writer);
  ea_writer_u8 (&writer, (guint8) ((strlen (digits) + 1) / 2));
  append_digits (&writer, digits);
  return ea_writer_steal (&writer);
}

/* TS 102 221 §13.2: ten octets, swapped, the rest F */
static GBytes *
encode_iccid (const char *iccid)
{
  g_auto (EaWriter) writer = { 0 };

  ea_writer_init (&writer);
  append_digits (&writer, iccid);
  while (ea_writer_span (&writer).size < ICCID_SIZE)
    ea_writer_u8 (&writer, 0xFF);
  return ea_writer_steal (&writer);
}

static GBytes *
get_contents (const SimFile *file, const SimFileSubscriber *subscriber)
{
  GBytes *contents;

  if (file->hex == NULL)
    return file->parent == SIM_FILE_MF ? encode_iccid (subscriber->iccid)
                                       : encode_imsi (subscriber->imsi);
  contents = ea_bytes_from_hex (file->hex, NULL);
  g_assert (contents != NULL);
  return contents;
}

/* Octets of a transparent file; ICCID and IMSI have sizes that do not depend on the profile. */
static gsize
get_size (const SimFile *file)
{
  if (file->kind == FILE_RECORDS)
    return (gsize) file->record_size * file->n_records;
  if (file->hex == NULL)
    return file->parent == SIM_FILE_MF ? ICCID_SIZE : 9;
  return strlen (file->hex) / 2;
}

static void
append (GByteArray *out, const EaWriter *writer)
{
  EaSpan span = ea_writer_span (writer);

  g_byte_array_append (out, span.data, (guint) span.size);
}

/* File descriptor and identifier, §11.1.1.4.3 and §11.1.1.4.4 */
static void
write_descriptor (EaWriter *fcp, const SimFile *file)
{
  static const guint8 descriptors[] = {
    [FILE_DIRECTORY] = 0x78,
    [FILE_TRANSPARENT] = 0x41,
    [FILE_RECORDS] = 0x42,
  };
  g_auto (EaWriter) value = { 0 };

  ea_writer_init (&value);
  ea_writer_u8 (&value, descriptors[file->kind]);
  ea_writer_u8 (&value, 0x21);
  if (file->kind == FILE_RECORDS)
    {
      ea_writer_u16be (&value, file->record_size);
      ea_writer_u8 (&value, file->n_records);
    }
  sim_tlv_write (fcp, 0x82, ea_writer_span (&value));

  ea_writer_u8 (fcp, 0x83);
  ea_writer_u8 (fcp, 2);
  ea_writer_u16be (fcp, file->id);
}

static void
write_size (EaWriter *fcp, const SimFile *file)
{
  ea_writer_u8 (fcp, 0x80);
  ea_writer_u8 (fcp, 2);
  ea_writer_u16be (fcp, (guint16) get_size (file));
  ea_writer_u8 (fcp, 0x88);
  ea_writer_u8 (fcp, file->sfi == 0 ? 0 : 1);
  if (file->sfi != 0)
    ea_writer_u8 (fcp, (guint8) (file->sfi << 3));
}

void
sim_file_describe (const SimFile *file, EaSpan aid, GByteArray *out)
{
  static const guint8 life_cycle[] = { 0x05 };
  static const guint8 security[] = { 0x2F, 0x06, 0x01 };
  /* PS template, TS 102 221 §9.5.2: PIN 01 and universal PIN 11 are there and disabled. */
  static const guint8 pin_status[] = { 0x90, 0x01, 0x00, 0x83, 0x01, 0x01, 0x83, 0x01, 0x81 };
  g_auto (EaWriter) fcp = { 0 };
  g_auto (EaWriter) writer = { 0 };

  ea_writer_init (&fcp);
  ea_writer_init (&writer);
  write_descriptor (&fcp, file);
  if (aid.size > 0)
    sim_tlv_write (&fcp, 0x84, aid);
  sim_tlv_write (&fcp, 0x8A, EA_SPAN_OF_ARRAY (life_cycle));
  sim_tlv_write (&fcp, 0x8B, EA_SPAN_OF_ARRAY (security));
  if (sim_file_is_directory (file))
    sim_tlv_write (&fcp, 0xC6, EA_SPAN_OF_ARRAY (pin_status));
  else
    write_size (&fcp, file);
  sim_tlv_write (&writer, 0x62, ea_writer_span (&fcp));
  append (out, &writer);
}

static const SimFile *
find_short (const SimFile *directory, guint8 sfi)
{
  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    {
      if (sfi != 0 && files[i].sfi == sfi && files[i].parent == directory->id)
        return &files[i];
    }
  return NULL;
}

guint16
sim_file_read_binary (const SimFile *directory, const SimFile *file,
                      const SimFileSubscriber *subscriber, const SimApdu *apdu, GByteArray *out)
{
  g_autoptr (GBytes) contents = NULL;
  gboolean is_short = (apdu->p1 & SFI_IN_P1) != 0;
  gsize offset = is_short ? apdu->p2 : (gsize) apdu->p1 << 8 | apdu->p2;
  EaReader reader;
  EaSpan chunk;

  if (apdu->data.size > 0)
    return SIM_SW_WRONG_LENGTH;
  if (is_short)
    file = find_short (directory, apdu->p1 & SFI_MASK);
  if (file == NULL)
    return is_short ? SIM_SW_NOT_FOUND : SIM_SW_NO_FILE_SELECTED;
  if (file->kind != FILE_TRANSPARENT)
    return SIM_SW_NOT_FOR_FILE;

  contents = get_contents (file, subscriber);
  ea_reader_init (&reader, ea_span_from_bytes (contents));
  (void) ea_reader_bytes (&reader, offset);
  if (!ea_reader_is_ok (&reader) || ea_reader_remaining (&reader) == 0)
    return SIM_SW_WRONG_PARAMETERS;
  chunk = ea_reader_rest (&reader);
  if (apdu->has_le && apdu->le < chunk.size)
    chunk.size = apdu->le;
  g_byte_array_append (out, chunk.data, (guint) chunk.size);
  return SIM_SW_OK;
}

/* Every record of EF_SMS says "free"; in other files only the first is used. */
static void
append_record (const SimFile *file, const SimFileSubscriber *subscriber, guint8 number,
               GByteArray *out)
{
  g_autoptr (GBytes) first = get_contents (file, subscriber);
  g_auto (EaWriter) writer = { 0 };

  ea_writer_init (&writer);
  if (number == 1 || file->id == 0x6F43)
    ea_writer_bytes (&writer, ea_span_from_bytes (first));
  while (ea_writer_span (&writer).size < file->record_size)
    ea_writer_u8 (&writer, 0xFF);
  append (out, &writer);
}

guint16
sim_file_read_record (const SimFile *directory, const SimFile *file,
                      const SimFileSubscriber *subscriber, const SimApdu *apdu, GByteArray *out)
{
  guint8 sfi = apdu->p2 >> 3;

  if (apdu->data.size > 0)
    return SIM_SW_WRONG_LENGTH;
  if ((apdu->p2 & RECORD_MODE_MASK) != RECORD_MODE_ABSOLUTE)
    return SIM_SW_WRONG_PARAMETERS;
  if (sfi != 0)
    file = find_short (directory, sfi);
  if (file == NULL)
    return sfi != 0 ? SIM_SW_NOT_FOUND : SIM_SW_NO_FILE_SELECTED;
  if (file->kind != FILE_RECORDS)
    return SIM_SW_NOT_FOR_FILE;
  if (apdu->p1 == 0 || apdu->p1 > file->n_records)
    return SIM_SW_RECORD_NOT_FOUND;
  append_record (file, subscriber, apdu->p1, out);
  return SIM_SW_OK;
}
