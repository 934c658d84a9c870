"""Suppliers, as business partners and supplier accounts.

Belongs here: the sets of API_BUSINESS_PARTNER. Not here: documents.

A supplier is blocked for posting, payment and purchasing at once; an inactive one is flagged for
deletion. Partners have no row per company code but in A_SupplierCompany.
"""

from __future__ import annotations

from finsync_dagster.sandbox.vendors.sap.projections.stages import terms

_SERVICE = "API_BUSINESS_PARTNER"
_SHOWN = "a.created_at AS _born, a.gone AS _gone"
_BLOCKED = "a.status = 'blocked'"

_PARTNER = f"""
SELECT {_SHOWN}, a.account_no AS BusinessPartner, a.account_no AS Supplier,
    '2' AS BusinessPartnerCategory, left(a.name, 81) AS BusinessPartnerFullName,
    'BP02' AS BusinessPartnerGrouping, left(a.name, 81) AS BusinessPartnerName,
    'EN' AS CorrespondenceLanguage, a.user_name AS CreatedByUser,
    a.created_at AS CreationDate, CAST(a.created_at AS TIME) AS CreationTime,
    left(a.name, 40) AS OrganizationBPName1, substring(a.name, 41, 40) AS OrganizationBPName2,
    left(upper(a.name), 20) AS SearchTerm1, a.user_name AS LastChangedByUser,
    CASE WHEN a.changed_at > a.created_at THEN CAST(a.changed_at AS DATE) END AS LastChangeDate,
    a.changed_at AS LastChangeDate__since,
    CASE WHEN a.changed_at > a.created_at THEN CAST(a.changed_at AS TIME) ELSE TIME '00:00:00' END
        AS LastChangeTime,
    a.changed_at AS LastChangeTime__since,
    {_BLOCKED} AS BusinessPartnerIsBlocked, a.changed_at AS BusinessPartnerIsBlocked__since,
    a.status = 'inactive' AS IsMarkedForArchiving, a.changed_at AS IsMarkedForArchiving__since
FROM accounts a
"""

_SUPPLIER = f"""
SELECT {_SHOWN}, a.account_no AS Supplier, a.user_name AS CreatedByUser,
    a.created_at AS CreationDate, left(a.name, 220) AS SupplierFullName,
    left(a.name, 80) AS SupplierName, 'SUPL' AS SupplierAccountGroup, a.tax_id AS VATRegistration,
    {_BLOCKED} AS PaymentIsBlockedForSupplier, a.changed_at AS PaymentIsBlockedForSupplier__since,
    {_BLOCKED} AS PostingIsBlocked, a.changed_at AS PostingIsBlocked__since,
    {_BLOCKED} AS PurchasingIsBlocked, a.changed_at AS PurchasingIsBlocked__since,
    a.status = 'inactive' AS DeletionIndicator, a.changed_at AS DeletionIndicator__since
FROM accounts a
"""

_COMPANY = f"""
SELECT {_SHOWN}, a.account_no AS Supplier, e.company_code AS CompanyCode,
    left(e.name, 25) AS CompanyCodeName, {terms("a")} AS PaymentTerms, a.currency AS Currency,
    CASE WHEN {_BLOCKED} THEN 'A' ELSE '' END AS PaymentBlockingReason,
    a.changed_at AS PaymentBlockingReason__since,
    {_BLOCKED} AS SupplierIsBlockedForPosting, a.changed_at AS SupplierIsBlockedForPosting__since,
    a.status = 'inactive' AS DeletionIndicator, a.changed_at AS DeletionIndicator__since,
    'T' AS PaymentMethodsList, true AS IsToBeCheckedForDuplicates, g.account AS
    ReconciliationAccount, 'SUPL' AS SupplierAccountGroup
FROM accounts a
JOIN entities e ON a.entity_id IS NULL OR a.entity_id = e.entity_id
LEFT JOIN (SELECT entity_id, min(account) AS account FROM world.gl_account WHERE kind = 'payable'
    GROUP BY entity_id) g ON g.entity_id = e.entity_id
"""

_PURCHASING = f"""
SELECT {_SHOWN}, a.account_no AS Supplier, e.company_code AS PurchasingOrganization,
    {terms("a")} AS PaymentTerms, a.currency AS PurchaseOrderCurrency, '001' AS PurchasingGroup,
    {_BLOCKED} AS PurchasingIsBlockedForSupplier,
    a.changed_at AS PurchasingIsBlockedForSupplier__since,
    a.status = 'inactive' AS DeletionIndicator, a.changed_at AS DeletionIndicator__since,
    'SUPL' AS SupplierAccountGroup
FROM accounts a JOIN entities e ON a.entity_id IS NULL OR a.entity_id = e.entity_id
"""

_ADDRESS = f"""
SELECT {_SHOWN}, a.account_no AS BusinessPartner, lpad(a.supplier_account_id::VARCHAR, 10, '0')
    AS AddressID, a.created_at AS ValidityStartDate,
    TIMESTAMP '9999-12-31 23:59:59' AS ValidityEndDate, left(a.city, 40) AS CityName,
    a.country AS Country, left(a.name, 80) AS FullName, 'EN' AS Language,
    left(a.postal_code, 10) AS PostalCode, left(a.street, 60) AS StreetName
FROM accounts a
"""

# What the account was before its last change is told until then.
_BANK = f"""
SELECT {_SHOWN}, a.account_no AS BusinessPartner, '0001' AS BankIdentification,
    a.bank_country AS BankCountryKey, left(a.name, 60) AS BankAccountHolderName,
    COALESCE(a.iban, '') AS IBAN, a.bank_changed_at AS IBAN__since,
    CASE WHEN a.iban IS NULL THEN '' ELSE COALESCE(a.old_bank_account, a.iban) END AS IBAN__before,
    CASE WHEN a.iban IS NULL THEN left(a.bank_account, 18) ELSE right(a.iban, 10) END
        AS BankAccount, a.bank_changed_at AS BankAccount__since,
    CASE WHEN a.iban IS NULL THEN left(COALESCE(a.old_bank_account, a.bank_account), 18)
        ELSE right(COALESCE(a.old_bank_account, a.iban), 10) END AS BankAccount__before,
    a.created_at AS ValidityStartDate, TIMESTAMP '9999-12-31 23:59:59' AS ValidityEndDate
FROM accounts a WHERE a.iban IS NOT NULL OR a.bank_account IS NOT NULL
"""

_TAX = f"""
SELECT {_SHOWN}, a.account_no AS BusinessPartner,
    COALESCE(a.tax_id_type, a.country || '0') AS BPTaxType, left(a.tax_id, 20) AS BPTaxNumber
FROM accounts a WHERE a.tax_id IS NOT NULL
"""

_DUNS = f"""
SELECT {_SHOWN}, a.account_no AS BusinessPartner, 'BUP001' AS BPIdentificationType,
    a.duns AS BPIdentificationNumber, a.country AS Country, a.created_at AS ValidityStartDate
FROM accounts a WHERE a.duns IS NOT NULL
"""

_ROLE = f"""
SELECT {_SHOWN}, a.account_no AS BusinessPartner, r.role AS BusinessPartnerRole,
    a.created_at AS ValidFrom, TIMESTAMP '9999-12-31 23:59:59' AS ValidTo
FROM accounts a CROSS JOIN (VALUES ('FLVN00'), ('FLVN01')) r(role)
"""

PROJECTIONS = {
    (_SERVICE, "A_BusinessPartner"): _PARTNER,
    (_SERVICE, "A_Supplier"): _SUPPLIER,
    (_SERVICE, "A_SupplierCompany"): _COMPANY,
    (_SERVICE, "A_SupplierPurchasingOrg"): _PURCHASING,
    (_SERVICE, "A_BusinessPartnerAddress"): _ADDRESS,
    (_SERVICE, "A_BusinessPartnerBank"): _BANK,
    (_SERVICE, "A_BusinessPartnerTaxNumber"): _TAX,
    (_SERVICE, "A_BuPaIdentification"): _DUNS,
    (_SERVICE, "A_BusinessPartnerRole"): _ROLE,
}
