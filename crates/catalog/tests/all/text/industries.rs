//! Industries under other names.

use sluice_catalog::reference::text_matches;
use sluice_catalog::text::{Profile, query_tokens};
use sluice_model::filter::Mode;

#[test]
fn an_industry_is_found_by_its_other_names() {
    let mut wrong = Vec::new();
    for (wanted, own, fits) in [
        ("Information Technology & Services", "IT Services", true),
        ("IT-Dienstleistungen", "Information Technology and Services", true),
        ("services informatiques", "IT Services and IT Consulting", true),
        ("IT Services", "Software", false),
        ("Information Technology", "Software", true),
        ("Software", "Application Software", true),
        ("Software", "Computer Software", true),
        ("Softwareentwicklung", "Software Development", true),
        ("Application Software", "Software", false),
        ("Software", "Software for dentists", true),
        ("Software", "Banking; Software", true),
        ("Banking", "Banks", true),
        ("Banken", "Regional Banks", true),
        ("Financial Services", "Banks", true),
        ("Financial Services", "Insurance", true),
        ("Banks", "Insurance", false),
        ("Versicherungen", "Insurance", true),
        ("Automotive", "Auto Components", true),
        ("Automobilindustrie", "Automobiles", true),
        ("Automobilzulieferer", "Auto Components", true),
        ("Maschinenbau", "Machinery", true),
        ("Mechanical or Industrial Engineering", "Machinery", true),
        ("Machinery", "Software", false),
        ("Pharma", "Pharmaceuticals", true),
        ("Healthcare", "Biotechnology", true),
        ("Hospital & Health Care", "Health Care", false),
        ("Medizintechnik", "Health Care Equipment & Supplies", true),
        ("Medical Devices", "Health Care Equipment & Supplies", true),
        ("Real Estate", "Equity Real Estate Investment Trusts (REITs)", true),
        ("Immobilier", "Real Estate Management & Development", true),
        ("Oil & Energy", "Oil, Gas & Consumable Fuels", true),
        ("Energie", "Oil & Gas Midstream", true),
        ("Erneuerbare Energien", "Renewables & Environment", true),
        ("Utilities", "Water Utilities", true),
        ("Apparel & Fashion", "Textiles, Apparel & Luxury Goods", true),
        ("Retail", "Internet & Direct Marketing Retail", true),
        ("E-Commerce", "Internet & Direct Marketing Retail", true),
        ("Logistik", "Air Freight & Logistics", true),
        ("Transportation", "Airlines", true),
        ("Telekommunikation", "Diversified Telecommunication Services", true),
        ("Metals", "Metals & Mining", true),
        ("Mining & Metals", "Metals & Mining", true),
        ("Construction", "Construction & Engineering", true),
        ("BTP", "Construction & Engineering", true),
        ("Construction", "Construction Materials", false),
        ("Management Consulting", "Unternehmensberatung", true),
        ("Food & Beverages", "Beverages", true),
        ("underwater basket weaving", "Basket Weaving, underwater", true),
        ("underwater basket weaving", "Basket Weaving", false),
        ("", "Software", false),
        ("Software", "", false),
    ] {
        if text_matches(Mode::Smart, Profile::Industry, wanted, own) != fits {
            wrong.push(format!("{wanted:?} on {own:?} should be {fits}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The industries of a large set of listed companies.
const LISTED: &str = "Metals & Mining;Real Estate Management & Development;Software;Machinery;Biotechnology;\
    Capital Markets;Electronic Equipment, Instruments & Components;Chemicals;Construction & Engineering;\
    Hotels, Restaurants & Leisure;Textiles, Apparel & Luxury Goods;Pharmaceuticals;Food & Staples Retailing;\
    Diversified Telecommunication Services;Household Products;Oil, Gas & Consumable Fuels;Professional Services;\
    Banks;Auto Components;Building Products;IT Services;Household Durables;Electrical Equipment;\
    Semiconductors & Semiconductor Equipment;Equity Real Estate Investment Trusts (REITs);\
    Health Care Equipment & Supplies;Construction Materials;Communications Equipment;\
    Technology Hardware, Storage & Peripherals;Insurance;Health Care Technology;Industrial Conglomerates;\
    Independent Power and Renewable Electricity Producers;Consumer Finance;Distributors;\
    Transportation Infrastructure;Beverages;Specialty Retail;Air Freight & Logistics;Entertainment;Automobiles;\
    Paper & Forest Products;Marine;Health Care Providers & Services;Aerospace & Defense;Electric Utilities;\
    Interactive Media & Services;Energy Equipment & Services;Commercial Services & Supplies;\
    Diversified Financial Services;Internet & Direct Marketing Retail;Road & Rail;\
    Trading Companies & Distributors;Gas Utilities;Media;Multi-Utilities;Thrifts & Mortgage Finance;Airlines;\
    Water Utilities;Tobacco;Food Products;Diversified Consumer Services;Multi-Sector Holdings;\
    Containers & Packaging;Conglomerates;Waste Management;Application Software;Oil & Gas Midstream;\
    Industrials;Materials;Information Technology;Consumer Discretionary;Health Care;Financials;\
    Consumer Staples;Real Estate;Communication Services;Energy;Utilities";

#[test]
fn every_industry_and_sector_of_listed_companies_is_known() {
    let unknown: Vec<&str> = LISTED
        .split(';')
        .filter(|name| !query_tokens(Profile::Industry, name).iter().all(|token| token.starts_with('#')))
        .collect();
    assert_eq!(unknown, Vec::<&str>::new());
}
